import type { Runtime } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { openSpeakers, withNotifySocket } from './app-notify.ts';
import type { ManagerEnvironment } from './environment.ts';
import { type KeptSockets, keepSockets } from './kept-sockets.ts';
import { assignSockets, takeSockets } from './sockets.ts';
import type { Speaker } from './speaker.ts';

/** What a pod's apps get of the service manager that started the pod. */
export interface Service {
  readonly speakers: readonly Speaker[];
  /** The listening sockets of each app. */
  readonly sockets: KeptSockets;
  /** An app's config with what it needs to speak to the manager. */
  readonly change: (app: string, config: RuntimeConfig) => RuntimeConfig;
}

/** `podDirectory` is our working directory. */
export function openService(podDirectory: string, runtime: Runtime, manager: ManagerEnvironment): Service {
  const speakers = openSpeakers(runtime.notify ?? []);
  const given = takeSockets(process.env, process.pid);
  const sockets = keepSockets(assignSockets(given, runtime.sockets ?? {}));
  return {
    speakers,
    sockets,
    change(app, config) {
      const index = speakers.findIndex((speaker) => speaker.app === app);
      const { watchdogMs } = manager;
      return index === -1 ? config : withNotifySocket(config, { podDirectory, index, watchdogMs });
    },
  };
}
