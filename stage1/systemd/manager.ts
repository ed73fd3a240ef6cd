import { monotonicMicroseconds } from '../../linux/monotonic-clock.ts';
import { type Notification, parseNotification, sendNotification } from '../../linux/notify.ts';
import { receiveDatagram } from '../../linux/unix-socket.ts';
import { sooner } from '../supervisor/sooner.ts';
import type { ManagerEnvironment } from './environment.ts';
import {
  askedToReload,
  isReloading,
  type Moment,
  ofReload,
  reloadingSince,
  silentAt,
  untilSilent,
  withoutReload,
} from './reload.ts';
import { hear, type Speaker } from './speaker.ts';

/** The supervisor's line to its service manager, and from the apps that speak sd_notify(3). */
export interface Manager {
  /** As they are now: a sleeping supervisor has to remember them. */
  readonly speakers: readonly Speaker[];
  /** The apps' sockets. */
  readonly fds: readonly number[];
  /** All apps have been started. */
  started(): void;
  /** Reads what has come by these fds. */
  handle(events: ReadonlyMap<number, number>): void;
  stopping(): void;
  /** These apps, which run, are about to be asked to read their configuration again. */
  reloading(running: ReadonlySet<string>): void;
  /** Only these apps run: no other is waited for. */
  running(apps: ReadonlySet<string>): void;
  /** Does what is due: sends a keep-alive, and waits no longer for apps that say nothing of a reload. */
  timePassed(now: number): void;
  /** How long until then, in milliseconds; −1: nothing will be due, or the apps have to speak first. */
  patience(now: number): number;
}

export interface ManagerOptions {
  readonly environment: ManagerEnvironment;
  readonly speakers: readonly Speaker[];
  readonly apps: readonly string[];
  /** How much the monotonic clock of an app is ahead of ours, in microseconds. */
  readonly clockOffset?: (app: string) => number;
  /** All apps were started before: the supervisor has slept since. */
  readonly hasStarted?: boolean;
  /** The pod is ready: every app was started, and those that say so themselves have said so. */
  readonly onReady: () => void;
}

/** More than any message has. */
const MOST_BYTES = 4096;
const MOST_MESSAGES = 64;

export function openManager(options: ManagerOptions): Manager {
  const { environment, speakers, apps, clockOffset = () => 0, onReady, hasStarted = false } = options;
  const { watchdogMs } = environment;
  const tell = teller(environment.notifySocket);
  const pod: Standing = { speakers, hasStarted, isStopping: false, keptAliveAt: Number.NEGATIVE_INFINITY };
  const becomeReady = () => {
    onReady();
    const what = apps.length === 0 ? 'running' : `running ${apps.join(', ')}`;
    tell({ MAINPID: `${process.pid}`, STATUS: what, READY: '1' });
  };
  const become = (next: readonly Speaker[]) => {
    const before = pod.speakers;
    pod.speakers = next;
    if (!pod.hasStarted) return;
    if (!areReady(before) && areReady(next)) becomeReady();
    else if (areReady(next) && !pod.isStopping) tell(ofReload(before, next));
  };
  return {
    get speakers() {
      return pod.speakers;
    },
    fds: speakers.map(({ socket }) => socket),
    started() {
      pod.hasStarted = true;
      const waiting = pod.speakers.filter(({ isReady }) => !isReady).map(({ app }) => app);
      if (waiting.length === 0) becomeReady();
      else tell({ STATUS: `waiting for ${waiting.join(', ')}` });
    },
    handle(events) {
      const hears = (speaker: Speaker) =>
        listen(speaker, { now: microseconds(), offset: clockOffset(speaker.app) }, tell);
      become(pod.speakers.map((speaker) => (events.has(speaker.socket) ? hears(speaker) : speaker)));
    },
    stopping() {
      if (!pod.isStopping) tell({ STOPPING: '1', STATUS: 'stopping' });
      pod.isStopping = true;
    },
    reloading: (running) => askToReload(pod, running, tell),
    running: (names) =>
      become(pod.speakers.map((each) => (names.has(each.app) ? each : withoutReload(each)))),
    timePassed(now) {
      const isSilent = silentAt(microseconds());
      become(pod.speakers.map((each) => (isSilent(each) ? withoutReload(each) : each)));
      if (untilKeepAlive(pod, watchdogMs, now) === 0) keepAlive(pod, now, tell);
    },
    patience: (now) =>
      sooner(untilKeepAlive(pod, watchdogMs, now), untilSilent(pod.speakers, microseconds())),
  };
}

/** How the pod stands with its service manager. */
interface Standing {
  speakers: readonly Speaker[];
  hasStarted: boolean;
  isStopping: boolean;
  /** When the last keep-alive was sent. */
  keptAliveAt: number;
}

type Tell = (notification: Notification) => void;

/** Half the time that the manager waits is what sd_watchdog_enabled(3) recommends. */
function untilKeepAlive(pod: Standing, watchdogMs: number | undefined, now: number): number {
  if (watchdogMs === undefined || pod.isStopping || pod.speakers.some(isOverdue)) return -1;
  return Math.max(0, Math.ceil(pod.keptAliveAt + watchdogMs / 2 - now));
}

function keepAlive(pod: Standing, now: number, tell: Tell): void {
  pod.speakers = pod.speakers.map((speaker) => ({ ...speaker, isAlive: false }));
  pod.keptAliveAt = now;
  tell({ WATCHDOG: '1' });
}

/** Told before the apps are, so that what they say of it cannot have begun earlier. Without anybody to wait for it is over at once. */
function askToReload(pod: Standing, running: ReadonlySet<string>, tell: Tell): void {
  if (pod.isStopping || !pod.hasStarted || !areReady(pod.speakers)) return;
  const now = microseconds();
  tell(reloadingSince(now));
  pod.speakers = pod.speakers.map((each) => (running.has(each.app) ? askedToReload(each, now) : each));
  if (!pod.speakers.some(isReloading)) tell({ READY: '1' });
}

function microseconds(): number {
  return Number(monotonicMicroseconds());
}

function areReady(speakers: readonly Speaker[]): boolean {
  return speakers.every(({ isReady }) => isReady);
}

/** An app that floods us is read a bounded number of times; the kernel makes it wait for the rest. */
function listen(first: Speaker, moment: Moment, tell: Tell): Speaker {
  let speaker = first;
  for (let i = 0; i < MOST_MESSAGES; i++) {
    const bytes = receiveDatagram(speaker.socket, MOST_BYTES);
    if (bytes === undefined) return speaker;
    const heard = hear(speaker, parseNotification(bytes.toString()), moment);
    tell(heard.forward);
    speaker = heard.speaker;
  }
  return speaker;
}

/** It has promised keep-alives, and has sent none since the pod's last. */
function isOverdue({ keepsAlive, isAlive }: Speaker): boolean {
  return keepsAlive && !isAlive;
}

/** Whether or not the manager hears us, the pod goes on: sd_notify(3) asks its callers to ignore failures. */
function teller(socket: string | undefined): Tell {
  if (socket === undefined) return () => {};
  return (notification) => {
    try {
      if (Object.keys(notification).length > 0) sendNotification(socket, notification);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
    }
  };
}
