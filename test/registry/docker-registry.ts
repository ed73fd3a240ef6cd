import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate.ts';

export interface DockerRegistry extends AsyncDisposable {
  /** `localhost:PORT` */
  readonly host: string;
}

/** Debian's `docker-registry` (distribution 2.8) over TLS on the loopback, its storage in a directory of its own. */
export async function startDockerRegistry({ certFile, keyFile }: Certificate): Promise<DockerRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-docker-registry-'));
  const port = await freePort();
  const config = join(directory, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${join(directory, 'storage')}}}
http: {addr: '127.0.0.1:${port}', secret: test, tls: {certificate: ${certFile}, key: ${keyFile}}}
`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  await waitUntilOpen(port, child);
  return {
    host: `localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitUntilOpen(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error('docker-registry ended');
    if (await isOpen(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('docker-registry does not listen');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
