import { closeSync } from 'node:fs';
import { connectUnix, sendUnix } from './unix-socket.ts';

/** The assignments of a message of sd_notify(3): `READY` → `1`. */
export type Notification = Readonly<Record<string, string>>;

/** Sends a message to the socket that NOTIFY_SOCKET names. */
export function sendNotification(socket: string, notification: Notification): void {
  const fd = connectUnix(socket, 'datagram');
  try {
    sendUnix(fd, Buffer.from(formatNotification(notification)));
  } finally {
    closeSync(fd);
  }
}

/** `READY=1\nSTATUS=…`. A value is one line: what would begin another becomes a space. */
export function formatNotification(notification: Notification): string {
  const lines = Object.entries(notification).map(([name, value]) => `${name}=${value.replace(/\s/g, ' ')}`);
  return lines.join('\n');
}

/** A message as it came: lines without `=` are skipped, of several assignments to a name the last counts, as in systemd. */
export function parseNotification(text: string): Notification {
  const entries = text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=');
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
  });
  return Object.fromEntries(entries);
}
