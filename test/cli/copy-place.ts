import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { certificate } from '../registry/pulling.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from '../registry/registry.ts';
import { dist, type Ended, temporaryDirectory } from './executable.ts';

/** The built tsrkt, a directory, and a registry of the test's. */
export interface CopyPlace extends AsyncDisposable {
  readonly path: string;
  readonly registry: TestRegistry;
  tsrkt(...args: readonly string[]): Promise<Ended>;
  /** `tsrkt image copy`; gives what it printed. Throws where it fails. */
  copy(...args: readonly string[]): Promise<string>;
  /** Runs skopeo, which trusts the test's certificate and accepts every image; gives what it printed. */
  skopeo(...args: readonly string[]): Promise<string>;
}

export async function copyPlace(options: RegistryOptions = {}): Promise<CopyPlace> {
  const { path, [Symbol.dispose]: dispose } = temporaryDirectory();
  const registry = await startRegistry(certificate, options);
  const env = { PATH: process.env['PATH'] ?? '', HOME: path, SSL_CERT_FILE: certificate.certFile };
  const run = (program: string, args: readonly string[]) =>
    new Promise<Ended>((resolve) => {
      const child = execFile(program, args, { env, cwd: path, timeout: 60_000 }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  const tsrkt = (...args: readonly string[]) =>
    run(join(dist, 'tsrkt'), [`--dir=${join(path, 'data')}`, `--local-config=${join(path, 'etc')}`, ...args]);
  const succeed = async (ended: Promise<Ended>) => {
    const { status, stdout, stderr } = await ended;
    if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
    return stdout;
  };
  return {
    path,
    registry,
    tsrkt,
    copy: async (...args) => (await succeed(tsrkt('image', 'copy', ...args))).trim(),
    skopeo: (...args) => succeed(run('skopeo', ['--insecure-policy', ...args])),
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      dispose();
    },
  };
}
