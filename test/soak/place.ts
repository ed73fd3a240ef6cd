import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from '../cli/executable.ts';
import { makeBox } from '../cli/pod-image.ts';
import { makeHost, type TestHost } from '../pod/network-host.ts';

/** Where pods of a soak test run: data of their own, and the network of a machine of their own. Mounts and cgroups are this machine's. */
export interface SoakPlace extends Disposable {
  readonly host: TestHost;
  readonly data: string;
  /** For temporary files of the programs. */
  readonly temporary: string;
  /** An image with a port, `web`. */
  readonly image: string;
  /** One without. */
  readonly other: string;
  /** Starts the built program there; its pid becomes the supervisor's. */
  readonly start: (args: readonly string[]) => Started;
  /** Runs the built program there to its end. */
  readonly tsrkt: (args: readonly string[]) => Promise<Ended>;
}

export interface Started {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export async function makePlace(): Promise<SoakPlace> {
  const host = makeHost();
  const inside = (name: string) => join(host.directory, name);
  const [data, temporary] = [inside('data'), inside('tmp')];
  mkdirSync(temporary);
  const [image, other] = [inside('web.aci'), inside('other.aci')];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0' };
  const ports = [{ name: 'web', protocol: 'tcp', port: 80 }];
  await makeBox(inside('web'), image, { app: { ...app, ports } });
  await makeBox(inside('other'), other, { name: 'example.com/other', app });
  const start = (args: readonly string[]) => {
    const program = [join(dist, 'tsrkt'), `--dir=${data}`, '--insecure-options=image', ...args];
    const env = { PATH: process.env['PATH'] ?? '', TMPDIR: temporary };
    return started(spawn('nsenter', [`--net=/run/netns/${host.name}`, '--', ...program], { env }));
  };
  return {
    host,
    data,
    temporary,
    image,
    other,
    start,
    async tsrkt(args) {
      const { child, ended, output } = start(args);
      await once(child, 'close');
      return { ...(await ended), output: output() };
    },
    [Symbol.dispose]: () => host[Symbol.dispose](),
  };
}

/** The end is that of the process: others may hold its stdout longer. */
function started(child: ChildProcess): Started {
  let output = '';
  child.stdin?.end();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (output += bytes));
  const ended = once(child, 'exit').then(([status, signal]) => ({ status, signal, output }));
  return { child, output: () => output, ended };
}
