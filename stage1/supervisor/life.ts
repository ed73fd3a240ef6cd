import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import type { NamespaceType } from '../../linux/namespace.ts';
import {
  array,
  boolean,
  type Infer,
  integer,
  object,
  oneOf,
  optional,
  record,
  string,
} from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import { cgroupPlace } from './cgroups.ts';
import type { Course } from './course.ts';

/**
 * What a supervisor must know of its running pod, beyond the documents on disk. While it sleeps this is `supervisor.json`
 * in the pod's directory; the file descriptors in it stay open, under the same numbers.
 */
export type Life = Infer<typeof life>;

const fd = integer(0, 0x7fff_ffff);
const pid = integer(1, 0x7fff_ffff);
const time = integer(0);
const end = object({ status: integer(0, 255), signal: optional(integer(1, 64)) });

const course = object({
  running: array(object({ pid, app: string, phase: oneOf('pre-start', 'main', 'post-stop'), since: time })),
  waiting: record(time),
  tries: record(integer(0)),
  ended: record(end),
  stopping: record(time),
  isUp: boolean,
  failed: optional(end),
  killAt: optional(time),
});

/** The process to whom one attaches, of an app. */
const attendant = object({ app: string, pid });

/** What a pod has that is changed while it runs. */
const mutable = object({
  /** The socket by which that is asked for. */
  control: fd,
  place: cgroupPlace,
  /** The directories of cgroups that are apps' own. */
  own: record(array(string)),
  /** What runs, with its mount namespace unless it had ended before that could be opened. */
  roots: array(object({ pid, app: string, fd: optional(fd) })),
});

const life = object({
  pause: pid,
  course,
  /** The signalfd all signals come by. */
  signals: fd,
  /** The pod's namespaces by type: apps that are started later join them. */
  namespaces: record(fd),
  /** The directories of the cgroup of each app. */
  cgroups: record(array(string)),
  mutable: optional(mutable),
  /** Descriptors that only have to stay open: reserved ports. */
  kept: array(fd),
  /** The sockets of apps that may be started again. */
  sockets: record(array(object({ fd, name: string }))),
  /** Whether systemd-machined knows the pod. */
  isMachine: boolean,
  /** The standard streams that apps may be started with again, by their names. */
  streams: record(object({ stdin: optional(fd), stdout: optional(fd), stderr: optional(fd) })),
  /** The processes at the other ends of apps' streams. */
  streamers: array(pid),
  attendants: array(attendant),
  /** The processes that take apps' output to the journal. */
  writers: array(pid),
  /** The apps that speak sd_notify(3), see stage1/systemd/speaker.ts. */
  speakers: array(
    object({
      ...{ app: string, socket: fd, isReady: boolean, keepsAlive: boolean, isAlive: boolean },
      tellsReload: boolean,
      reload: optional(object({ since: optional(time), hasBegun: boolean })),
    }),
  ),
});

const FILE = 'supervisor.json';

export function writeLife(podDirectory: string, value: Life): void {
  replaceFile(join(podDirectory, FILE), JSON.stringify(value), { sync: false });
}

export function readLife(podDirectory: string): Life {
  return decodeJson(readFileSync(join(podDirectory, FILE)), life, { what: FILE });
}

/** The file descriptors that a sleeping supervisor keeps. */
export function descriptorsOf(value: Life): readonly number[] {
  const { signals, namespaces, kept, speakers, sockets, streams } = value;
  const listening = Object.values(sockets).flatMap((each) => each.map(({ fd: socket }) => socket));
  const heard = speakers.map(({ socket }) => socket);
  const own = Object.values(streams).flatMap((each) => Object.values(each));
  const changing = value.mutable === undefined ? [] : [value.mutable.control, ...rootsOf(value.mutable)];
  return [signals, ...Object.values(namespaces), ...kept, ...heard, ...listening, ...own, ...changing];
}

function rootsOf({ roots }: NonNullable<Life['mutable']>): readonly number[] {
  return roots.flatMap((root) => root.fd ?? []);
}

/** What wakes it when it becomes readable: signals, apps that speak, and who wants the pod changed. */
export function wakersOf({ signals, speakers, mutable: changing }: Life): readonly number[] {
  const control = changing === undefined ? [] : [changing.control];
  return [signals, ...speakers.map(({ socket }) => socket), ...control];
}

export function namespacesOf({ namespaces }: Life): ReadonlyMap<NamespaceType, number> {
  return new Map(Object.entries(namespaces) as [NamespaceType, number][]);
}

/** A course as it is written, and back. */
export function writtenCourse({ running, waiting, tries, ended, stopping, ...rest }: Course): Life['course'] {
  return {
    running: [...running].map(([number, process]) => ({ pid: number, ...process })),
    waiting: Object.fromEntries(waiting),
    tries: Object.fromEntries(tries),
    ended: Object.fromEntries(ended),
    stopping: Object.fromEntries(stopping),
    ...rest,
  };
}

export function readCourse({ running, waiting, tries, ended, stopping, ...rest }: Life['course']): Course {
  return {
    running: new Map(running.map(({ pid: number, ...process }) => [number, process])),
    waiting: new Map(Object.entries(waiting)),
    tries: new Map(Object.entries(tries)),
    ended: new Map(Object.entries(ended)),
    stopping: new Map(Object.entries(stopping)),
    ...rest,
  };
}
