import type { Notification } from '../../linux/notify.ts';
import { hearOfReload, type Moment, type Reload } from './reload.ts';

/** An app that speaks sd_notify(3), by a socket of its own. */
export interface Speaker {
  readonly app: string;
  /** The fd of the socket its messages come by. */
  readonly socket: number;
  readonly isReady: boolean;
  /** It sends keep-alives: from the first one on it is held to them. */
  readonly keepsAlive: boolean;
  /** It has sent one since the pod's last. */
  readonly isAlive: boolean;
  /** It says when it begins to reload: from the first time on it is held to that. */
  readonly tellsReload: boolean;
  readonly reload?: Reload;
}

export interface Heard {
  readonly speaker: Speaker;
  /** What the service manager may hear of the message. */
  readonly forward: Notification;
}

export function newSpeaker(app: string, socket: number): Speaker {
  return { app, socket, isReady: false, keepsAlive: false, isAlive: false, tellsReload: false };
}

/**
 * What an app's message means. It speaks for itself alone: it can neither name another main process nor leave file
 * descriptors with the manager, and READY, RELOADING and WATCHDOG count only together with the other apps.
 */
export function hear(speaker: Speaker, notification: Notification, moment: Moment): Heard {
  const { READY, WATCHDOG, STATUS, EXTEND_TIMEOUT_USEC } = notification;
  const isAlive = WATCHDOG === '1';
  const forward = {
    ...(STATUS === undefined ? {} : { STATUS: `${speaker.app}: ${visible(STATUS)}` }),
    ...(/^\d{1,12}$/.test(EXTEND_TIMEOUT_USEC ?? '')
      ? { EXTEND_TIMEOUT_USEC: EXTEND_TIMEOUT_USEC ?? '' }
      : {}),
  };
  return {
    speaker: {
      ...(speaker.isReady ? hearOfReload(speaker, notification, moment) : speaker),
      isReady: speaker.isReady || READY === '1',
      keepsAlive: speaker.keepsAlive || isAlive,
      isAlive: speaker.isAlive || isAlive,
    },
    forward,
  };
}

/** Administrators read it in a terminal. */
function visible(status: string): string {
  return status.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, 500);
}
