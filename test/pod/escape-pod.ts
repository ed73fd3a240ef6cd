import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeBox } from '../cli/pod-image.ts';
import { attackProgram, type Call } from './escape-program.ts';

const root = join(import.meta.dirname, '../..');

/** A hostile image, and `tsrkt run` of it, from the sources. */
export interface HostilePod extends Disposable {
  /** A directory of the test, which the pod does not know. */
  readonly path: string;
  readonly data: string;
  /** Runs a script in it as root, with `flags` before the image and `after` behind it. */
  readonly run: (script: string, options?: RunOptions) => Outcome;
  /** The command line that does it, for what runs beside it. */
  readonly command: (script: string, options?: RunOptions) => [string, ...string[]];
}

export interface RunOptions {
  readonly flags?: readonly string[];
  readonly after?: readonly string[];
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostileImage {
  /** Programs by their path in the image, see attackProgram(). */
  readonly programs?: Readonly<Record<string, readonly Call[] | Buffer>>;
  /** Makes what else is in the image: gets the directory of its root. */
  readonly prepare?: (rootfs: string) => void;
  readonly app?: object;
}

/** What lets every attack through that is one: used to show that an attack is real where nothing stands in its way. */
export const UNPROTECTED: RunOptions = { flags: ['--insecure-options=all-run'] };

export async function hostilePod({ programs = {}, prepare, app }: HostileImage = {}): Promise<HostilePod> {
  const path = mkdtempSync(join(tmpdir(), 'tsrkt-escape-'));
  const rootfs = join(path, 'rootfs');
  mkdirSync(rootfs);
  for (const [name, program] of Object.entries(programs)) {
    const file = join(rootfs, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, program instanceof Buffer ? program : attackProgram(program as readonly Call[]), {
      mode: 0o755,
    });
  }
  prepare?.(rootfs);
  const image = join(path, 'hostile.aci');
  await makeBox(rootfs, image, app === undefined ? {} : { app });
  const stage1 = writeStage1(path);
  const data = join(path, 'data');
  const command = (script: string, { flags = [], after = [] }: RunOptions = {}): [string, ...string[]] => {
    const network = flags.some((flag) => flag.startsWith('--net')) ? [] : ['--net=none'];
    const tsrkt = [join(root, 'cmd/tsrkt/main.ts'), `--dir=${data}`, '--insecure-options=image'];
    const run = ['run', `--stage1-path=${stage1}`, ...network, ...flags];
    return [process.execPath, ...tsrkt, ...run, image, ...after, '--', script];
  };
  return {
    path,
    data,
    command,
    run(...args) {
      const [file, ...argv] = command(...args);
      const { status, stdout, stderr } = spawnSync(file, argv, { encoding: 'utf8', timeout: 60_000 });
      return { status, stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** stage1 as it is in the sources, as one executable file. */
function writeStage1(path: string): string {
  const file = join(path, 'stage1');
  writeFileSync(file, `#!/bin/sh\nexec ${process.execPath} ${join(root, 'stage1/main.ts')} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
