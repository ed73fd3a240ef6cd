import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';

interface Configs {
  readonly sandbox: RuntimeConfig;
  readonly apps: ReadonlyMap<string, RuntimeConfig>;
}

/**
 * The configs of a pod with one proc file system for all: the sandbox, which is in the pod's PID namespace, mounts it at
 * `path`, and apps bind it. What sets an app up is not in that namespace, where the pod's processes would see it while it
 * still has all rights, and proc shows the namespace of who mounts it.
 */
export function shareProc<T extends Configs>(pod: T, path: string): T {
  const mounts = [...(pod.sandbox.mounts ?? []), { ...PROC, destination: path }];
  const apps = new Map([...pod.apps].map(([name, config]) => [name, bindProc(config, path)]));
  return { ...pod, sandbox: { ...pod.sandbox, mounts }, apps };
}

const PROC: Mount = {
  destination: '/proc',
  type: 'proc',
  source: 'proc',
  options: ['nosuid', 'noexec', 'nodev'],
};

function bindProc(config: RuntimeConfig, source: string): RuntimeConfig {
  const mounts = (config.mounts ?? []).map((mount) =>
    mount.type === 'proc' ? asBind(mount, source) : mount,
  );
  return { ...config, mounts };
}

/** What proc itself understands, such as hidepid, cannot be an app's own. */
function asBind({ destination, options = [] }: Mount, source: string): Mount {
  const own = options.find((option) => option.includes('='));
  if (own !== undefined) throw new ProcOption(own);
  return { destination, type: 'bind', source, options: ['bind', ...options] };
}

class ProcOption extends Error {
  readonly code = 'ERR_UNSUPPORTED';
  constructor(option: string) {
    super(`mount proc with ${option}: not supported, the apps of a pod share one`);
  }
}
