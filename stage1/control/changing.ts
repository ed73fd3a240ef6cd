import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { emptyCgroup, removeCgroup } from '../cgroup/remove.ts';
import { withResolvConf } from '../network/dns-mount.ts';
import { hostAddress, withMetadataUrl } from '../network/metadata-url.ts';
import { makeAppCgroup } from '../supervisor/cgroups.ts';
import type { Documents } from '../supervisor/documents.ts';
import type { Life } from '../supervisor/life.ts';
import { warn } from '../supervisor/warn.ts';
import { withoutCgroups } from '../systemd/without-cgroups.ts';
import { killAllIn } from './left-behind.ts';
import { type ControlSocket, controlSocket } from './socket.ts';

/** What a pod has that is changed while it runs, beside what every pod has. */
export interface Changing {
  readonly control: ControlSocket;
  /** The directories of each app's cgroup. */
  readonly cgroups: ReadonlyMap<string, readonly string[]>;
  /** What its pod makes of an app's config; that of one that was started before stays as it is. */
  readonly change: (app: string, config: RuntimeConfig) => RuntimeConfig;
  /** Reads the pod's documents anew and makes the cgroup of an app that is about to be started. Throws when there is no such app. */
  prepare(app: string): void;
  /** This process of an app has been executed. */
  started(app: string, pid: number): void;
  /** It has ended: so does what it left behind, as under systemd. */
  ended(pid: number): void;
  /** Has nothing of an app any more that does not run. */
  forget(app: string): void;
  readonly kept: () => NonNullable<Life['mutable']>;
}

/** `cgroups` are those of apps that had one earlier. */
export function openChanging(
  podDirectory: string,
  documents: Documents,
  earlier: NonNullable<Life['mutable']>,
  cgroups: Map<string, readonly string[]>,
): Changing {
  const control = controlSocket(earlier.control);
  const own = new Map(Object.entries(earlier.own));
  const harmless = new Set<string>();
  let { roots } = earlier;
  return {
    control,
    cgroups,
    change(app, config) {
      const changed = withNetwork(podDirectory, documents, config);
      return harmless.has(app) ? withoutCgroups(changed) : changed;
    },
    prepare(app) {
      documents.reread();
      const config = documents.current.apps.get(app);
      if (config === undefined) throw new NoSuchApp(app);
      if (cgroups.has(app)) return;
      const made = makeAppCgroup(podDirectory, config, earlier.place);
      for (const warning of made.warnings) warn(`app ${JSON.stringify(app)}: ${warning}`);
      if (!made.mayMakeDevices) harmless.add(app);
      own.set(app, made.own);
      cgroups.set(app, made.join);
    },
    started(app, pid) {
      const fd = openMounts(pid);
      roots = [...roots, { pid, app, ...(fd === undefined ? {} : { fd }) }];
    },
    ended(pid) {
      const root = roots.find((each) => each.pid === pid);
      if (root === undefined) return;
      roots = roots.filter((each) => each !== root);
      emptyCgroup({ remove: own.get(root.app) ?? [] });
      if (root.fd === undefined) return;
      if (!killAllIn(root.fd))
        warn(`app ${JSON.stringify(root.app)}: what it left behind could not be killed`);
      closeSync(root.fd);
    },
    forget(app) {
      removeCgroup({ remove: own.get(app) ?? [] });
      own.delete(app);
      cgroups.delete(app);
      harmless.delete(app);
    },
    kept: () => ({ ...earlier, own: Object.fromEntries(own), roots: [...roots] }),
  };
}

/** Name servers and the metadata service, as the pod's networks have them: their file is there where they say anything. */
function withNetwork(podDirectory: string, { current }: Documents, config: RuntimeConfig): RuntimeConfig {
  const resolvConf = join(podDirectory, 'etc/resolv.conf');
  const resolving = existsSync(resolvConf) ? withResolvConf(config, resolvConf) : config;
  return withMetadataUrl(resolving, current.runtime, hostAddress(podDirectory, current.network));
}

/** Undefined: it has ended already. */
function openMounts(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/ns/mnt`, constants.O_RDONLY);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

class NoSuchApp extends Error {
  readonly code = 'ERR_NO_APP';
  constructor(app: string) {
    super(`the pod has no app ${JSON.stringify(app)}`);
  }
}
