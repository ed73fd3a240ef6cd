import { OPEN_TREE } from '../../linux/mount.ts';
import type { Device } from '../../schema/runtime-config.ts';
import { flags, type Step, text } from '../program/step.ts';
import { CWD } from './args.ts';
import { attachMount } from './attach-mount.ts';
import { allDevices, makeDeviceLinks } from './devices.ts';

/**
 * In a user namespace nobody can make devices: those of the host are bound, under the same paths. These steps take them
 * while the host is in view.
 */
export function deviceSources(devices: readonly Device[]): readonly Step[] {
  const how = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  return allDevices(devices).map(({ path }, i) => ({
    call: 'open_tree',
    args: [CWD, text(path), how],
    as: nameOf(i),
    what: `bind device ${path}`,
  }));
}

/** Fills a fresh /dev with them. */
export function bindDevices(devices: readonly Device[]): readonly Step[] {
  return [
    ...allDevices(devices).flatMap(({ path }, i) =>
      attachMount(nameOf(i), { path, kind: 'file', links: 'refuse' }),
    ),
    ...makeDeviceLinks(),
  ];
}

function nameOf(index: number): string {
  return `device${index}`;
}
