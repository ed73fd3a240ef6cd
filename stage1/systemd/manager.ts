import { monotonicMicroseconds } from '../../linux/monotonic-clock.ts';
import { type Notification, parseNotification, sendNotification } from '../../linux/notify.ts';
import { receiveDatagram } from '../../linux/unix-socket.ts';
import type { ManagerEnvironment } from './environment.ts';
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
  /** The apps are asked to read their configuration again. */
  reloading(): void;
  /** Sends a keep-alive if one is due. */
  keepAlive(now: number): void;
  /** How long until the next keep-alive, in milliseconds; −1: none is to be sent, or the apps have to send theirs first. */
  patience(now: number): number;
}

export interface ManagerOptions {
  readonly environment: ManagerEnvironment;
  readonly speakers: readonly Speaker[];
  readonly apps: readonly string[];
  /** The pod is ready: every app was started, and those that say so themselves have said so. */
  readonly onReady: () => void;
}

/** More than any message has. */
const MOST_BYTES = 4096;
const MOST_MESSAGES = 64;

export function openManager({ environment, speakers: first, apps, onReady }: ManagerOptions): Manager {
  const tell = teller(environment.notifySocket);
  let speakers = first;
  let isStopping = false;
  let sentAt = Number.NEGATIVE_INFINITY;

  const becomeReady = () => {
    onReady();
    tell({ MAINPID: `${process.pid}`, STATUS: `running ${apps.join(', ')}`, READY: '1' });
  };
  const patience = (now: number) => {
    const isDue = !isStopping && !speakers.some(isOverdue);
    return isDue ? timeLeft(sentAt, environment.watchdogMs, now) : -1;
  };

  return {
    get speakers() {
      return speakers;
    },
    fds: first.map(({ socket }) => socket),
    started() {
      const waiting = speakers.filter(({ isReady }) => !isReady).map(({ app }) => app);
      if (waiting.length === 0) becomeReady();
      else tell({ STATUS: `waiting for ${waiting.join(', ')}` });
    },
    handle(events) {
      const wasReady = areReady(speakers);
      speakers = speakers.map((speaker) => (events.has(speaker.socket) ? listen(speaker, tell) : speaker));
      if (!wasReady && areReady(speakers)) becomeReady();
    },
    stopping() {
      if (!isStopping) tell({ STOPPING: '1', STATUS: 'stopping' });
      isStopping = true;
    },
    reloading() {
      if (!areReady(speakers)) return;
      tell({ RELOADING: '1', MONOTONIC_USEC: `${monotonicMicroseconds()}` });
      tell({ READY: '1' });
    },
    keepAlive(now) {
      if (patience(now) !== 0) return;
      speakers = speakers.map((speaker) => ({ ...speaker, isAlive: false }));
      sentAt = now;
      tell({ WATCHDOG: '1' });
    },
    patience,
  };
}

function areReady(speakers: readonly Speaker[]): boolean {
  return speakers.every(({ isReady }) => isReady);
}

/** An app that floods us is read a bounded number of times; the kernel makes it wait for the rest. */
function listen(first: Speaker, tell: (notification: Notification) => void): Speaker {
  let speaker = first;
  for (let i = 0; i < MOST_MESSAGES; i++) {
    const bytes = receiveDatagram(speaker.socket, MOST_BYTES);
    if (bytes === undefined) return speaker;
    const heard = hear(speaker, parseNotification(bytes.toString()));
    tell(heard.forward);
    speaker = heard.speaker;
  }
  return speaker;
}

/** It has promised keep-alives, and has sent none since the pod's last. */
function isOverdue({ keepsAlive, isAlive }: Speaker): boolean {
  return keepsAlive && !isAlive;
}

/** Half the time that the manager waits is what sd_watchdog_enabled(3) recommends. */
function timeLeft(sentAt: number, watchdogMs: number | undefined, now: number): number {
  return watchdogMs === undefined ? -1 : Math.max(0, Math.ceil(sentAt + watchdogMs / 2 - now));
}

/** Whether or not the manager hears us, the pod goes on: sd_notify(3) asks its callers to ignore failures. */
function teller(socket: string | undefined): (notification: Notification) => void {
  if (socket === undefined) return () => {};
  return (notification) => {
    try {
      if (Object.keys(notification).length > 0) sendNotification(socket, notification);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
    }
  };
}
