import { constants } from 'node:os';
import type { Device } from '../../schema/runtime-config.ts';
import { type Arg, type Step, text } from '../program/step.ts';
import { CWD, octal, shown } from './args.ts';

const { EEXIST } = constants.errno;
const S_IFMT = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 } as const;

/** runtime-spec, config-linux.md "Default Devices"; /dev/console and /dev/ptmx come with the terminal and devpts. */
const DEFAULT_DEVICES: readonly Device[] = [
  { type: 'c', path: '/dev/null', major: 1, minor: 3 },
  { type: 'c', path: '/dev/zero', major: 1, minor: 5 },
  { type: 'c', path: '/dev/full', major: 1, minor: 7 },
  { type: 'c', path: '/dev/random', major: 1, minor: 8 },
  { type: 'c', path: '/dev/urandom', major: 1, minor: 9 },
  { type: 'c', path: '/dev/tty', major: 5, minor: 0 },
];

/** runtime-spec, runtime-linux.md "Dev symbolic links" */
const LINKS = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
] as const;

/**
 * Fills a /dev that is a fresh tmpfs of ours, so nothing in it is the image's. With the caller's umask at 0.
 */
export function makeDevices(devices: readonly Device[]): readonly Step[] {
  return [...allDevices(devices).flatMap(makeDevice), ...makeDeviceLinks()];
}

/** The devices of a config, and the default ones it does not describe itself. */
export function allDevices(devices: readonly Device[]): readonly Device[] {
  const own = new Set(devices.map((device) => device.path));
  return [...DEFAULT_DEVICES.filter((device) => !own.has(device.path)), ...devices];
}

export function makeDeviceLinks(): readonly Step[] {
  return LINKS.map(([target, path]) => link(target, path));
}

function makeDevice(device: Device): readonly Step[] {
  const { path, type, fileMode = 0o666, uid = 0, gid = 0 } = device;
  const what = `make device ${path}`;
  const mode = octal(S_IFMT[type] | (fileMode & 0o7777));
  const owner: Step = { call: 'fchownat', args: [CWD, text(path), uid, gid, 0], what };
  return [
    ...makeParents(path),
    { call: 'mknodat', args: [CWD, text(path), mode, deviceNumber(device)], what },
    ...(uid || gid ? [owner] : []),
  ];
}

/** mkdir -p of what is between /dev, which is ours alone, and a device. */
function makeParents(path: string): readonly Step[] {
  const names = path.split('/').filter(Boolean).slice(0, -1);
  return names.slice(1).map((_, i) => ({
    call: 'mkdirat',
    args: [CWD, text(`/${names.slice(0, i + 2).join('/')}`), octal(0o755)],
    tolerate: EEXIST,
    what: `make device ${path}`,
  }));
}

/** sys/sysmacros.h makedev(3), as mknod(2) takes it: 12 bits of major, 20 of minor. */
function deviceNumber({ major = 0, minor = 0 }: Device): Arg {
  return shown((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12), `makedev(${major}, ${minor})`);
}

function link(target: string, path: string): Step {
  return {
    call: 'symlinkat',
    args: [text(target), CWD, text(path)],
    tolerate: EEXIST,
    what: `make link ${path}`,
  };
}
