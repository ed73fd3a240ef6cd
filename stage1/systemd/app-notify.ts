import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bindUnix } from '../../linux/unix-socket.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { newSpeaker, type Speaker } from './speaker.ts';

/** Where an app finds its socket: systemd's Container Interface gives /run/host to whoever runs the container. */
export const IN_APP = '/run/host/notify';

/** Relative to the pod's directory, which is our own: an address has room for 108 bytes. */
function socketPath(index: number): string {
  return `notify/${index}`;
}

/** Makes a socket in the pod's directory for each of these apps; whoever the app runs as may send there. */
export function openSpeakers(apps: readonly string[]): readonly Speaker[] {
  if (apps.length > 0) mkdirSync('notify', { recursive: true });
  return apps.map((app, index) => {
    const path = socketPath(index);
    rmSync(path, { force: true });
    const socket = bindUnix(path);
    chmodSync(path, 0o666);
    return newSpeaker(app, socket);
  });
}

/** The config of an app that speaks by the socket of this index. */
export function withNotifySocket(
  config: RuntimeConfig,
  {
    podDirectory,
    index,
    watchdogMs,
  }: { podDirectory: string; index: number; watchdogMs: number | undefined },
): RuntimeConfig {
  const { process, mounts = [] } = config;
  if (process === undefined) return config;
  const source = join(podDirectory, socketPath(index));
  const mount = { destination: IN_APP, type: 'bind', source, options: ['bind', 'nosuid', 'noexec', 'nodev'] };
  const watchdog = watchdogMs === undefined ? [] : [`WATCHDOG_USEC=${watchdogMs * 1000}`];
  const env = [...(process.env ?? []), `NOTIFY_SOCKET=${IN_APP}`, ...watchdog];
  return { ...config, process: { ...process, env }, mounts: [...mounts, mount] };
}
