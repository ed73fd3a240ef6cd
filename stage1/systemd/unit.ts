/** The systemd unit a process is in. */
export interface Unit {
  /** `hello.service` */
  readonly name: string;
  /** Whose manager it is of: the machine's, or a user's. */
  readonly manager: 'system' | 'user';
}

/**
 * The unit of a process by the path of its cgroup, as /proc/PID/cgroup has it. Below a user's manager the unit is the one of
 * that manager. Undefined in a slice, and where the path is not systemd's.
 */
export function unitOfCgroup(path: string): Unit | undefined {
  const [system, ...below] = withoutSlices(path.split('/').filter(Boolean));
  if (system === undefined || !isUnit(system)) return undefined;
  if (!/^user@\d+\.service$/.test(system)) return { name: withoutMark(system), manager: 'system' };
  const [own] = withoutSlices(below);
  return own !== undefined && isUnit(own) ? { name: withoutMark(own), manager: 'user' } : undefined;
}

/** Where systemd keeps its books, from the text of /proc/PID/cgroup: the unified hierarchy, on older hosts its own of v1. */
export function managedPath(cgroup: string): string {
  const paths = cgroup.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line) ?? []);
  const pathOf = (name: string) => paths.find(([, names]) => names === name)?.[2];
  const unified = pathOf('');
  return (unified === '/' ? undefined : unified) ?? pathOf('name=systemd') ?? '/';
}

function withoutSlices(names: readonly string[]): readonly string[] {
  const first = names.findIndex((name) => !name.endsWith('.slice'));
  return first === -1 ? [] : names.slice(first);
}

function isUnit(name: string): boolean {
  return /.\.(service|scope|socket|mount|swap)$/.test(name);
}

/** A name that could be taken for a file of the kernel's begins with an underscore there. */
function withoutMark(name: string): string {
  return name.replace(/^_/, '');
}
