import { closeSync } from 'node:fs';
import { sendMessage } from '../../linux/seqpacket.ts';
import { LARGEST_MESSAGE, lostMessage, MESSAGE, message } from './protocol.ts';

/** How many bytes wait for one who does not read, beside what the kernel holds of a socket. */
export const MOST_WAITING = 1 << 20;

/** Somebody who is attached. */
export interface Client {
  readonly fd: number;
  /** The endpoints wanted; undefined until that was said. */
  wanted: number | undefined;
  readonly waiting: Buffer[];
  waitingBytes: number;
  /** What was left out since the last message that waits. */
  lost: number;
  hasHeardEnd: boolean;
  gone: boolean;
}

export function newClient(fd: number): Client {
  return { fd, wanted: undefined, waiting: [], waitingBytes: 0, lost: 0, hasHeardEnd: false, gone: false };
}

/** Output for a client. When too much waits already it is left out, and counted: nobody who is slow holds the app up. */
export function show(client: Client, type: number, bytes: Buffer): void {
  if (client.waitingBytes + bytes.length > MOST_WAITING) {
    client.lost += bytes.length;
    return;
  }
  sayWhatIsLost(client);
  for (let at = 0; at < bytes.length; at += LARGEST_MESSAGE - 1)
    tellClient(client, message(type, bytes.subarray(at, at + LARGEST_MESSAGE - 1)));
}

/** Once. */
export function tellEnd(client: Client): void {
  if (client.hasHeardEnd) return;
  client.hasHeardEnd = true;
  sayWhatIsLost(client);
  tellClient(client, message(MESSAGE.end));
}

export function tellClient(client: Client, what: Buffer): void {
  client.waiting.push(what);
  client.waitingBytes += what.length;
}

/** Sends what waits, as far as it fits. */
export function flush(client: Client): void {
  for (let first = client.waiting[0]; first !== undefined && !client.gone; first = client.waiting[0]) {
    const result = sendMessage(client.fd, first);
    if (result === 'full') return;
    if (result === 'gone') client.gone = true;
    client.waiting.shift();
    client.waitingBytes -= first.length;
  }
}

export function closeClient({ fd }: Client): void {
  closeSync(fd);
}

function sayWhatIsLost(client: Client): void {
  if (client.lost === 0) return;
  tellClient(client, lostMessage(client.lost));
  client.lost = 0;
}
