import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { until } from './running-pod.ts';

/** A metadata service in the background. */
export interface Service extends Disposable {
  readonly child: ChildProcess;
  /** Where pods ask it. */
  readonly port: number;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
}

export interface Start {
  /** tsrkt and its global flags. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Sockets that it is given as by a service manager. */
  readonly listeners?: readonly number[];
}

/** Starts a metadata service, and returns when it listens. Disposing ends it. */
export async function startService({
  command,
  env = {},
  flags = [],
  listeners = [],
}: Start): Promise<Service> {
  const manager = `LISTEN_PID=$$ LISTEN_FDS=${listeners.length} exec "$@"`;
  const child = spawn('sh', ['-c', manager, 'sh', ...command, 'metadata-service', ...flags], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe', ...listeners],
  });
  let said = '';
  child.stderr?.on('data', (bytes) => {
    said += bytes;
  });
  const listening = /listening on port (\d+)\n/;
  await until('the service listens', () => {
    if (child.exitCode !== null) throw new Error(`the service ended: ${said}`);
    return listening.test(said);
  });
  const kill = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    child,
    port: Number(listening.exec(said)?.[1]),
    kill,
    [Symbol.dispose]: () => void child.kill(),
  };
}

export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
}

export interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** Asks by HTTP where a service listens: a port here, or the path of a socket. */
export function ask(where: number | string, { method = 'GET', path, body = '' }: Question): Promise<Answer> {
  const place = typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { socketPath: where };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...place, method, path, agent: false, timeout: 5000 }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode, type: incoming.headers['content-type'], body: text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const id = `sha512-${'0'.repeat(128)}`;

/** What a pod of one app is registered with. */
export function registrationOf(uuid: string, token: string): Question {
  const manifest = { acKind: 'PodManifest', acVersion: '0.8.11', apps: [{ name: 'web', image: { id } }] };
  const image = { acKind: 'ImageManifest', acVersion: '0.8.11', name: 'example.com/web' };
  const body = JSON.stringify({ token, manifest, apps: { web: { id, manifest: image } } });
  return { method: 'PUT', path: `/pods/${uuid}`, body };
}
