import { type Bus, DBusError } from '../../linux/dbus.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { isBooted, managerBus } from './bus.ts';

const MACHINED = {
  destination: 'org.freedesktop.machine1',
  path: '/org/freedesktop/machine1',
  interface: 'org.freedesktop.machine1.Manager',
} as const;

export interface PodMachine {
  readonly uuid: string;
  /** The pod's first process. */
  readonly pause: number;
}

/** The name that machinectl(1) knows a pod by. */
export function machineName(uuid: string): string {
  return `tsrkt-${uuid}`;
}

/**
 * Registers a pod with systemd-machined, so that `machinectl` lists it, shows it and terminates it by ending the unit it is
 * in. false: there is no machined, or none for us; the pod does not need it. After the pod is ready: machined may have to be
 * started first.
 */
export function registerMachine({ uuid, pause }: PodMachine): boolean {
  if (!isBooted() || process.getuid?.() !== 0 || !isInitialUserNamespace()) return false;
  const id = [...Buffer.from(uuid.replaceAll('-', ''), 'hex')];
  const body = [machineName(uuid), id, 'tsrkt', 'container', pause, ''];
  return tryOnBus((bus) => bus.call({ ...MACHINED, member: 'RegisterMachine', signature: 'sayssus', body }));
}

/** Takes a pod off machined's list, where its unit lives on. */
export function unregisterMachine(uuid: string): void {
  const body = [machineName(uuid)];
  tryOnBus((bus) => bus.call({ ...MACHINED, member: 'UnregisterMachine', signature: 's', body }));
}

function tryOnBus(act: (bus: Bus) => void): boolean {
  using bus = managerBus('system', process.env);
  if (bus === undefined) return false;
  try {
    act(bus);
    return true;
  } catch (error) {
    if (error instanceof DBusError || (error as NodeJS.ErrnoException).code === 'ETIMEDOUT') return false;
    throw error;
  }
}
