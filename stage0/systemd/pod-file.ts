import { DecodeError } from '../../schema/decode-error.ts';
import { splitWords } from './command-line.ts';
import { overlay, podUnit } from './pod-unit.ts';
import { parseUnitFile, type Section, type Setting, type UnitFile } from './unit-file.ts';

/** The flags that a `.pod` file can set, with their kinds. */
export type KnownFlags = Readonly<Record<string, { readonly kind: 'boolean' | 'string' | 'list' }>>;

export interface PodFileContext {
  /** The file's path, for errors. */
  readonly path: string;
  readonly tsrkt: string;
  /** What stands before `run`, what [Pod] can say besides, and what [App] can say. */
  readonly globalFlags: KnownFlags;
  readonly podFlags: KnownFlags;
  readonly appFlags: KnownFlags;
}

const PASSED_ON = ['Unit', 'Service', 'Install'];

/**
 * The service of a `.pod` file: [Pod] holds flags of `tsrkt run` as keys (`DnsSearch=` is `--dns-search`), each [App] an
 * image with its flags and Arguments=; [Unit], [Service] and [Install] go over what podUnit() says.
 */
export function podFileUnit(text: string, context: PodFileContext): UnitFile {
  const file = parseUnitFile(text, context.path);
  const stray = file.find(({ name }) => !['Pod', 'App', ...PASSED_ON].includes(name));
  if (stray !== undefined) throw new DecodeError(context.path, `unknown section [${stray.name}]`);
  const apps = file.filter(({ name }) => name === 'App');
  if (apps.length === 0) throw new DecodeError(context.path, 'no [App]: at least one is needed');
  const pod = file.filter(({ name }) => name === 'Pod').flatMap(({ settings }) => settings);
  const { tsrkt, globalFlags, podFlags, path } = context;
  const ofPod = pod.map((setting) => ({ setting, name: flagName(setting, path) }));
  const before = ofPod.filter(({ name }) => Object.hasOwn(globalFlags, name));
  const after = ofPod.filter(({ name }) => !Object.hasOwn(globalFlags, name));
  const command = [
    tsrkt,
    ...before.flatMap(({ setting }) => flags(setting, globalFlags, path)),
    'run',
    ...after.flatMap(({ setting }) => flags(setting, podFlags, path)),
    ...apps.flatMap((app, index) => appArguments(app, index === apps.length - 1, context)),
  ];
  const unit = podUnit({ description: 'Pod %N', command, isRepeatable: true });
  const own = file.filter(({ name }) => PASSED_ON.includes(name));
  const source: Section = { name: 'Unit', settings: [['SourcePath', path]] };
  return overlay(unit, [source, ...own]);
}

/** Where the unit wants to be started from, which a generator does by links: systemctl(1) cannot enable its units. */
export function wantedBy(unit: UnitFile): readonly string[] {
  const settings = unit.filter(({ name }) => name === 'Install').flatMap(({ settings: all }) => all);
  return settings
    .filter(([key]) => key === 'WantedBy')
    .flatMap(([, value]) => value.split(/\s+/).filter(Boolean));
}

function appArguments(
  { settings }: Section,
  isLast: boolean,
  { appFlags, path }: PodFileContext,
): readonly string[] {
  const valuesOf = (wanted: string) => settings.filter(([key]) => key === wanted).map(([, value]) => value);
  const [image, another] = valuesOf('Image');
  if (image === undefined || another !== undefined) throw new DecodeError(path, 'an [App] needs one Image=');
  const args = valuesOf('Arguments').flatMap((value) => splitWords(value, path));
  const others = settings.filter(([key]) => key !== 'Image' && key !== 'Arguments');
  return [
    image,
    ...others.flatMap((setting) => flags(setting, appFlags, path)),
    ...(args.length === 0 ? [] : ['--', ...args, ...(isLast ? [] : ['---'])]),
  ];
}

/** `DnsSearch` is `dns-search`. */
function flagName([key]: Setting, path: string): string {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(key)) throw new DecodeError(path, `unknown setting ${JSON.stringify(key)}`);
  return key.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

function flags(setting: Setting, known: KnownFlags, path: string): readonly string[] {
  const [key, value] = setting;
  const name = flagName(setting, path);
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined) throw new DecodeError(path, `unknown setting ${JSON.stringify(key)}`);
  if (flag.kind !== 'boolean') return [`--${name}=${value}`];
  if (/^(yes|true|on|1)$/i.test(value)) return [`--${name}`];
  if (/^(no|false|off|0)$/i.test(value)) return [];
  throw new DecodeError(path, `${key}: expected yes or no, got ${JSON.stringify(value)}`);
}
