import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GpgHome, gpgHome } from '../unit/trust/gpg.ts';
import { dist, type Ended, temporaryDirectory } from './executable.ts';
import { type BoxChanges, makeBox } from './pod-image.ts';

export const tsrktProgram = join(dist, 'tsrkt');

/** A machine with keys, policy and a store of its own, and somebody who signs images with gpg. */
export interface TrustPlace extends Disposable {
  readonly path: string;
  /** The flags that say where store, keys and policy are. */
  readonly global: readonly string[];
  readonly gpg: GpgHome;
  /** The publisher's key. */
  readonly publisher: string;
  /** Runs the built program there; servers of the test may answer it meanwhile. */
  tsrkt(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Trusts a key of the gpg home. */
  trust(prefix: string, fingerprint?: string): Promise<void>;
  /** Writes the policy. */
  policy(document: unknown): void;
  /** Makes an image; answers its path. */
  image(file: string, changes?: BoxChanges): Promise<string>;
  /** Signs a file of any kind; the signature stands beside it. */
  sign(path: string, signer?: string): void;
}

export async function trustPlace(): Promise<TrustPlace> {
  const directory = temporaryDirectory();
  const gpg = gpgHome();
  const [data, etc, system] = ['data', 'etc', 'system'].map((name) => join(directory.path, name));
  const global = [`--dir=${data}`, `--local-config=${etc}`, `--system-config=${system}`];
  const publisher = gpg.key('Publisher <publisher@example.com>');
  let boxes = 0;
  const place: Omit<TrustPlace, typeof Symbol.dispose> = {
    path: directory.path,
    global,
    gpg,
    publisher,
    tsrkt: (args, env = {}) => runAsync([tsrktProgram, ...global, ...args], env),
    async trust(prefix, fingerprint = publisher) {
      const file = gpg.file(`${fingerprint}.asc`, gpg.export(fingerprint));
      await place.tsrkt(['trust', `--prefix=${prefix}`, '--skip-fingerprint-review', file]);
    },
    policy(document) {
      mkdirSync(join(String(etc), 'policy.d'), { recursive: true });
      writeFileSync(join(String(etc), 'policy.d/10.json'), JSON.stringify(document));
    },
    async image(file, changes) {
      const path = join(directory.path, file);
      await makeBox(join(directory.path, `rootfs-${boxes++}`), path, changes);
      return path;
    },
    sign: (path, signer = publisher) => writeFileSync(`${path}.asc`, gpg.sign(signer, readFileSync(path))),
  };
  return {
    ...place,
    [Symbol.dispose]: () => {
      gpg[Symbol.dispose]();
      rmSync(directory.path, { recursive: true, force: true });
    },
  };
}

/** Labels of an image of this version that runs here. */
export function labels(version: string): readonly { readonly name: string; readonly value: string }[] {
  return [
    { name: 'version', value: version },
    { name: 'os', value: 'linux' },
    { name: 'arch', value: process.arch === 'arm64' ? 'aarch64' : 'amd64' },
  ];
}

async function runAsync(
  [file = '', ...args]: readonly string[],
  env: Record<string, string>,
): Promise<Ended> {
  const path = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin';
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    env: { PATH: path, HOME: '/proc/nonexistent', ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  const [status] = await once(child, 'close');
  return { status, ...output };
}
