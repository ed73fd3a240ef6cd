import { givenDescriptors } from '../../linux/listening-socket.ts';
import { sendNotification } from '../../linux/notify.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Runtime } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { IN_APP } from './app-notify.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the app of a fly pod, which takes our place, gets of the service manager: all that it said to us. */
export interface FlyService {
  readonly config: RuntimeConfig;
  /** The listening sockets, under the numbers that we have them. */
  readonly sockets: readonly number[];
  /** To be called when nothing but the execution is left. */
  readonly announce: () => void;
}

/** Its pid is ours, so what is meant for us is meant for it. An app that says itself when it is ready speaks to the manager. */
export function flyService(
  app: string,
  config: RuntimeConfig,
  runtime: Runtime,
  env: Environment,
): FlyService {
  const sockets = runtime.sockets?.[app] === undefined ? [] : givenDescriptors(env, process.pid);
  const passed = sockets.length === 0 ? [] : ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];
  const socket = env['NOTIFY_SOCKET'];
  const speaks = runtime.notify?.some((name) => name === app) ?? false;
  if (!socket || !speaks)
    return { config: withVariables(config, env, passed), sockets, announce: () => announce(socket) };
  const changed = withVariables(config, env, [...passed, 'WATCHDOG_USEC', 'WATCHDOG_PID']);
  return { config: withManagerSocket(changed, socket), sockets, announce: () => {} };
}

function withVariables(config: RuntimeConfig, env: Environment, names: readonly string[]): RuntimeConfig {
  const given = names.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  return withEnv(config, given);
}

/** An abstract socket needs no mount: fly pods are in the host's network. */
function withManagerSocket(config: RuntimeConfig, socket: string): RuntimeConfig {
  if (!socket.startsWith('/')) return withEnv(config, [`NOTIFY_SOCKET=${socket}`]);
  const mount = { destination: IN_APP, type: 'bind', source: socket, options: ['bind'] };
  return { ...withEnv(config, [`NOTIFY_SOCKET=${IN_APP}`]), mounts: [...(config.mounts ?? []), mount] };
}

function withEnv(config: RuntimeConfig, variables: readonly string[]): RuntimeConfig {
  const { process } = config;
  if (process === undefined || variables.length === 0) return config;
  return { ...config, process: { ...process, env: [...(process.env ?? []), ...variables] } };
}

/** As good as ready: what follows is one execve. */
function announce(socket: string | undefined): void {
  if (!socket) return;
  try {
    sendNotification(socket, { READY: '1' });
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ECONNREFUSED', 'EACCES', 'ENAMETOOLONG')) throw error;
  }
}
