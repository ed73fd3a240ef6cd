import type { Notification } from '../../linux/notify.ts';
import type { Speaker } from './speaker.ts';

/** A reload of an app that has not ended. */
export interface Reload {
  /**
   * When it began: when the app was asked, or when it says that it began without being asked, if it says so. Microseconds of our
   * CLOCK_MONOTONIC.
   */
  readonly since?: number;
  /** The app has said that it has begun. */
  readonly hasBegun: boolean;
}

/** When a message is read. */
export interface Moment {
  /** Microseconds of our CLOCK_MONOTONIC. */
  readonly now: number;
  /** How much the app's clock is ahead of ours, in microseconds: it may have a time namespace of its own. */
  readonly offset: number;
}

/** How long an app may take to say that it reloads, which it has never done: most that speak sd_notify(3) say nothing of it. */
export const SILENCE_US = 2_000_000;

/** It is sent the signal now. */
export function askedToReload(speaker: Speaker, now: number): Speaker {
  return { ...speaker, reload: { since: now, hasBegun: false } };
}

/** It is over, or nobody waits for its end any more. */
export function withoutReload({ reload: _, ...speaker }: Speaker): Speaker {
  return speaker;
}

/**
 * What an app says of its reloads (systemd.service(5), Type=notify-reload). One that had begun before the app was asked is no answer, by
 * the time that the message has; nor is READY then. An app that never says RELOADING answers with READY alone, or not at all.
 */
export function hearOfReload(speaker: Speaker, notification: Notification, moment: Moment): Speaker {
  const { READY, RELOADING } = notification;
  const begun = RELOADING === '1' ? begin(speaker, beginning(notification, moment)) : speaker;
  const isOver = READY === '1' && (begun.reload?.hasBegun || !begun.tellsReload);
  return isOver ? withoutReload(begun) : begun;
}

function begin(speaker: Speaker, since: number | undefined): Speaker {
  const { reload } = speaker;
  const own = since === undefined ? { hasBegun: true } : { since, hasBegun: true };
  const isAnswer = since === undefined || reload?.since === undefined || since >= reload.since;
  const next = reload === undefined ? own : { ...reload, hasBegun: reload.hasBegun || isAnswer };
  return { ...speaker, tellsReload: true, reload: next };
}

/** By our clock, and never later than now: an app cannot answer what it has not been asked yet. Undefined where it does not say. */
function beginning({ MONOTONIC_USEC = '' }: Notification, { now, offset }: Moment): number | undefined {
  if (!/^\d{1,16}$/.test(MONOTONIC_USEC)) return undefined;
  return Math.max(0, Math.min(now, Number(MONOTONIC_USEC) - offset));
}

/** Which apps have let the time pass, by then, in which they could have said that they reload. */
export function silentAt(now: number): (speaker: Speaker) => boolean {
  return (speaker) => silenceLeft(speaker, now) === 0;
}

/** How long until an app is taken for silent, in milliseconds; −1: none will be. */
export function untilSilent(speakers: readonly Speaker[], now: number): number {
  const left = speakers.flatMap((speaker) => silenceLeft(speaker, now) ?? []);
  return left.length === 0 ? -1 : Math.ceil(Math.min(...left) / 1000);
}

/** In microseconds; undefined: it may take as long as it likes, or is not asked. */
function silenceLeft({ reload, tellsReload }: Speaker, now: number): number | undefined {
  if (tellsReload || reload?.since === undefined) return undefined;
  return Math.max(0, reload.since + SILENCE_US - now);
}

export function isReloading({ reload }: Speaker): boolean {
  return reload !== undefined;
}

/** What the service manager hears of what changed. The pod reloads while one of its apps does. */
export function ofReload(before: readonly Speaker[], after: readonly Speaker[]): Notification {
  const begun = after.find(isReloading);
  if (before.some(isReloading)) return begun === undefined ? { READY: '1' } : {};
  return begun === undefined ? {} : reloadingSince(begun.reload?.since);
}

/** When it began matters to a manager that has asked for it: what began earlier is no answer. */
export function reloadingSince(since: number | undefined): Notification {
  return { RELOADING: '1', ...(since === undefined ? {} : { MONOTONIC_USEC: `${since}` }) };
}
