import { addMatch, type Bus, DBusError } from '../../linux/dbus.ts';
import { variant } from '../../linux/dbus-types.ts';

const SYSTEMD = { destination: 'org.freedesktop.systemd1', path: '/org/freedesktop/systemd1' } as const;
const MANAGER = { ...SYSTEMD, interface: 'org.freedesktop.systemd1.Manager' } as const;

export interface ScopeRequest {
  readonly uuid: string;
  readonly slice: string;
  /** Who is moved into it. */
  readonly pid: number;
}

/** A scope that could not be made. */
export class ScopeError extends Error {
  readonly code = 'ERR_SCOPE';
}

/**
 * Has a service manager make a scope for a pod, which is ours to divide (Delegate=), and move a process into it. It goes
 * when its last process has ended.
 */
export function startScope(bus: Bus, { uuid, slice, pid }: ScopeRequest): void {
  const name = `tsrkt-${uuid}.scope`;
  const properties = [
    ['Description', variant('s', `tsrkt pod ${uuid}`)],
    ['Slice', variant('s', slice)],
    ['PIDs', variant('au', [pid])],
    ['Delegate', variant('b', true)],
    ['CollectMode', variant('s', 'inactive-or-failed')],
    ['TimeoutStopUSec', variant('t', 15_000_000n)], // more than what apps have after SIGTERM
  ] as const;
  addMatch(bus, "type='signal',interface='org.freedesktop.systemd1.Manager',member='JobRemoved'");
  bus.call({ ...MANAGER, member: 'Subscribe' });
  const signature = 'ssa(sv)a(sa(sv))';
  const [job] = bus.call({
    ...MANAGER,
    member: 'StartTransientUnit',
    signature,
    body: [name, 'fail', properties, []],
  });
  const removed = bus.waitForSignal(({ member, body }) => member === 'JobRemoved' && body[1] === job);
  if (removed.body[3] !== 'done') throw new ScopeError(`start ${name}: ${removed.body[3]}`);
}

/** Whether an error says that this manager makes no scope for us, rather than that something is broken. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DBusError || error instanceof ScopeError;
}
