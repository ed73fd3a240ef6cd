import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import type { SoakPlace } from './place.ts';
import { processesOf } from './processes.ts';

/** All that pods of a place have on this machine: by kind, a line for each. */
export type Traces = Readonly<Record<string, readonly string[]>>;

/** `uuids` are those of all pods that ever were there: what bears the name of one is theirs. */
export function takeTraces(place: SoakPlace, uuids: ReadonlySet<string>): Traces {
  const isOurs = (text: string) => text.includes(`/${place.host.name}/`) || mentions(text, uuids);
  const processes = processesOf(isOurs);
  return {
    processes: [...processes.values()],
    mounts: lines(readFileSync('/proc/self/mountinfo', 'utf8')).filter(isOurs),
    'network namespaces': namespaces(place),
    cgroups: directoriesBelow('/sys/fs/cgroup').filter(isOurs),
    'interfaces and routes': [['link'], ['route'], ['-6', 'route']].flatMap((what) =>
      lines(place.host.exec(['ip', '-o', ...what])).map(withoutNumbers),
    ),
    'firewall rules': ['iptables-save', 'ip6tables-save', 'nft list ruleset'].flatMap((command) =>
      lines(place.host.exec(command.split(' '))).map(withoutCounters),
    ),
    addresses: filesBelow('/var/lib/cni').filter((file) => isOurs(contentOf(file))),
    locks: locks(place.data, processes),
    files: [...dataFiles(place.data), ...filesBelow(place.temporary)],
    'files in /run': directoriesBelow('/run/tsrkt')
      .concat(filesBelow('/run/tsrkt'))
      .filter((path) => !path.startsWith('/run/tsrkt/seccomp')),
  };
}

/** What there is now and was not before; kinds without any are left out. */
export function leftovers(before: Traces, after: Traces): Traces {
  const left = Object.entries(after).map(([kind, all]) => {
    const known = new Set(before[kind]);
    return [kind, all.filter((line) => !known.has(line))] as const;
  });
  return Object.fromEntries(left.filter(([, all]) => all.length > 0));
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function mentions(text: string, uuids: ReadonlySet<string>): boolean {
  return (text.match(UUID) ?? []).some((uuid) => uuids.has(uuid));
}

/** Those that the host's interfaces lead to, even where nobody is in them, and those that have a name. */
function namespaces({ host }: SoakPlace): readonly string[] {
  const named = readdirSync('/run/netns').filter((name) => name.startsWith(host.name));
  return [...named, ...lines(host.exec(['ip', 'netns', 'list-id']))];
}

/** Locks on files of the data directory, and those that processes of the place hold on others. */
function locks(data: string, processes: ReadonlyMap<number, string>): readonly string[] {
  const inodes = new Set([data, ...directoriesBelow(data), ...filesBelow(data)].map(inodeOf));
  return lines(readFileSync('/proc/locks', 'utf8')).filter((line) => {
    const [, pid, place = ''] = / (\d+) ([0-9a-f:]+:\d+) /.exec(line) ?? [];
    return inodes.has(place) || processes.has(Number(pid));
  });
}

/** As /proc/locks names it: the numbers of the device in hexadecimal, then the inode. */
function inodeOf(path: string): string {
  try {
    const { dev, ino } = lstatSync(path);
    const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
    const hex = (number: number) => number.toString(16).padStart(2, '0');
    return `${hex(major)}:${hex(minor)}:${ino}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/** Ranges of user ids are files of pods, too. What is in an unpacked image is not interesting. */
function dataFiles(data: string): readonly string[] {
  const all = [...directoriesBelow(data), ...filesBelow(data)];
  return all.filter((path) => !/\/cas\/tree\/[^/]+\//.test(path));
}

function directoriesBelow(directory: string): string[] {
  return entries(directory, (entry) => entry.isDirectory());
}

function filesBelow(directory: string): string[] {
  return entries(directory, (entry) => !entry.isDirectory());
}

function entries(directory: string, isWanted: (entry: { isDirectory(): boolean }) => boolean): string[] {
  if (!existsSync(directory)) return [];
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  return all.filter(isWanted).map((entry) => join(entry.parentPath, entry.name));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return ''; // others use networks, too
    throw error;
  }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The kernel's number of an interface says nothing, and its state changes by itself. */
function withoutNumbers(line: string): string {
  return line.replace(/^\d+: /, '');
}

function withoutCounters(line: string): string {
  return line.replace(/\[\d+:\d+\]$/, '').replace(/counter packets \d+ bytes \d+/g, 'counter');
}
