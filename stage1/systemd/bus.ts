import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bus, connectBus } from '../../linux/dbus.ts';
import { hasCode } from '../../linux/system-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether systemd runs this machine (sd_booted(3)). */
export function isBooted(): boolean {
  return existsSync('/run/systemd/system');
}

/** The bus of the machine's manager, or of the user's; undefined where there is none. */
export function managerBus(manager: 'system' | 'user', env: Environment): Bus | undefined {
  const address = manager === 'system' ? systemAddress(env) : userAddress(env);
  if (address === undefined) return undefined;
  try {
    return connectBus(address);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'EACCES', 'ERR_DBUS_PROTOCOL', 'ETIMEDOUT'))
      return undefined;
    throw error;
  }
}

function systemAddress({ DBUS_SYSTEM_BUS_ADDRESS }: Environment): string {
  return DBUS_SYSTEM_BUS_ADDRESS || 'unix:path=/run/dbus/system_bus_socket';
}

function userAddress({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: Environment): string | undefined {
  if (DBUS_SESSION_BUS_ADDRESS) return DBUS_SESSION_BUS_ADDRESS;
  return XDG_RUNTIME_DIR ? `unix:path=${join(XDG_RUNTIME_DIR, 'bus')}` : undefined;
}
