import { type Bus, DBusError } from '../../linux/dbus.ts';
import type { Unit } from './unit.ts';

const SYSTEMD = 'org.freedesktop.systemd1';

/**
 * Whether a manager has delegated the cgroup of a unit, as it says itself. The machine's marks such a cgroup with an
 * attribute; a user's cannot.
 */
export function isDelegated(bus: Bus, { name }: Unit): boolean {
  const manager = {
    destination: SYSTEMD,
    path: '/org/freedesktop/systemd1',
    interface: `${SYSTEMD}.Manager`,
  };
  const kind = name.endsWith('.scope') ? 'Scope' : 'Service';
  try {
    const [path] = bus.call({ ...manager, member: 'GetUnit', signature: 's', body: [name] });
    const [value] = bus.call({
      destination: SYSTEMD,
      path: String(path),
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [`${SYSTEMD}.${kind}`, 'Delegate'],
    });
    return (value as { value?: unknown }).value === true;
  } catch (error) {
    if (error instanceof DBusError) return false;
    throw error;
  }
}
