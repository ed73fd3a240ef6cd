import { join, resolve } from 'node:path';
import { parseReference, type Reference } from '../../image/reference.ts';
import { show } from '../../schema/decode-error.ts';
import type { Stage1Config } from '../config/stage1.ts';
import { hostPlatform } from '../prepare/platform.ts';
import { Stage1Error } from './stage1-error.ts';

/** Which stage1 is to run a pod: the one that came with tsrkt, an executable of this machine, or one in an image. */
export type Stage1Choice = { readonly kind: 'own' } | NamedStage1;

export type NamedStage1 =
  | { readonly kind: 'executable'; readonly path: string }
  | {
      readonly kind: 'image';
      readonly reference: string;
      /** Only an image that is in the store already. */
      readonly storedOnly?: boolean;
      /** Who chose the file of an image that nobody named on the command line: it may not be anybody's. */
      readonly chosenBy?: string;
      /** The choice where the store has no such image. */
      readonly otherwise?: NamedStage1;
    };

/** How a user may name a stage1 (rkt's flags): one of them at most. */
export interface Stage1Flags {
  readonly 'stage1-url'?: string | undefined;
  readonly 'stage1-path'?: string | undefined;
  readonly 'stage1-name'?: string | undefined;
  readonly 'stage1-hash'?: string | undefined;
  readonly 'stage1-from-dir'?: string | undefined;
}

/** What the configuration says of stage1 images. */
export interface Stage1Defaults {
  readonly config: Stage1Config;
  /** Where `--stage1-from-dir` looks. */
  readonly imagesDirectory: string;
}

/** rkt's order: what a flag names, and nothing else; then the configuration; then the stage1 that came with tsrkt. */
export function chooseStage1(flags: Stage1Flags, defaults: () => Stage1Defaults): Stage1Choice {
  const given = FLAGS.filter((flag) => flags[flag] !== undefined);
  const [flag, second] = given;
  if (flag === undefined) return configured(defaults().config);
  if (second !== undefined)
    throw new Stage1Error(`--${flag} and --${second} cannot be used together`, ONE_FLAG);
  const value = flags[flag] ?? '';
  if (value === '') throw new Stage1Error(`--${flag}: expected a value`, ONE_FLAG);
  return NAMED[flag](value, defaults);
}

const FLAGS = ['stage1-url', 'stage1-path', 'stage1-name', 'stage1-hash', 'stage1-from-dir'] as const;
const ONE_FLAG = { hint: 'one of --stage1-url, -path, -name, -hash and -from-dir chooses the stage1' };

const NAMED: Readonly<
  Record<keyof Stage1Flags, (value: string, defaults: () => Stage1Defaults) => NamedStage1>
> = {
  'stage1-url': (value) =>
    image('stage1-url', value, 'a URL', (kind) => kind === 'url' || kind === 'docker' || kind === 'file'),
  'stage1-path': (value) => fileChoice(value.startsWith('/') || isImageFile(value) ? resolve(value) : value),
  'stage1-name': (value) => image('stage1-name', value, "an image's name", (kind) => kind === 'appc'),
  'stage1-hash': (value) => image('stage1-hash', value, 'an image ID', (kind) => kind === 'hash'),
  'stage1-from-dir': (value, defaults) => {
    if (value.includes('/') || value === '.' || value === '..')
      throw new Stage1Error(`--stage1-from-dir: expected the name of a file, got ${show(value)}`, ONE_FLAG);
    return fileChoice(join(defaults().imagesDirectory, value), '--stage1-from-dir');
  },
};

function image(
  flag: keyof Stage1Flags,
  reference: string,
  expected: string,
  fits: (kind: Reference['kind']) => boolean,
): NamedStage1 {
  const isUrl = /^[a-z0-9+-]+:\/\//.test(reference);
  const { kind } = parseReference(reference, { isFile: () => false, host: hostPlatform() });
  if (!fits(kind) || isUrl !== (flag === 'stage1-url'))
    throw new Stage1Error(`--${flag}: expected ${expected}, got ${show(reference)}`, ONE_FLAG);
  return { kind: 'image', reference };
}

/** What an administrator chose by name is in the store, or where they say it is. */
function configured({ name, version, location }: Stage1Config): Stage1Choice {
  const there = location === undefined ? undefined : located(location);
  if (name === undefined || version === undefined) return there ?? { kind: 'own' };
  const otherwise = there === undefined ? {} : { otherwise: there };
  return { kind: 'image', reference: `${name}:${version}`, storedOnly: true, ...otherwise };
}

function located(location: string): NamedStage1 {
  if (location.startsWith('/')) return fileChoice(location, 'stage1.d');
  return { kind: 'image', reference: location };
}

/** A file of this machine is an image by its name; any other is an executable. */
function fileChoice(path: string, chosenBy?: string): NamedStage1 {
  if (!isImageFile(path)) return { kind: 'executable', path };
  return { kind: 'image', reference: path, ...(chosenBy === undefined ? {} : { chosenBy }) };
}

function isImageFile(path: string): boolean {
  return path.endsWith('.aci');
}
