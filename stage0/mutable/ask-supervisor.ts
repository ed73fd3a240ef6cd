import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { POLL, pollApart } from '../../linux/poll.ts';
import { connectSeqpacket, receiveMessage, sendMessage } from '../../linux/seqpacket.ts';
import { hasCode } from '../../linux/system-error.ts';
import { decodeJson } from '../../schema/json.ts';
import {
  CONTROL_SOCKET,
  type ControlReply,
  type ControlRequest,
  controlReply,
  LARGEST_CONTROL_MESSAGE,
} from '../../schema/pod-control.ts';
import { NotRunningError } from '../enter/running-app.ts';
import type { Pod } from '../pod/open.ts';
import { MutableError } from './mutable-pod.ts';

/** Longer than an app may take to stop, and its handler after it. */
const PATIENCE_MS = 60_000;
const CONNECT_TRIES = 100;
const RETRY_MS = 50;

/** What was done. */
export type Done = Extract<ControlReply, { result: 'done' }>;

/** Asks the supervisor of a pod to change it, and waits until that is done; throws when it cannot be. */
export async function askSupervisor(pod: Pod, request: ControlRequest): Promise<Done> {
  const socket = await connect(pod);
  try {
    if (sendMessage(socket, Buffer.from(JSON.stringify(request))) !== 'sent') throw ended(pod);
    const reply = await receive(pod, socket);
    if (reply.result === 'failed') throw new MutableError(reply.why);
    return reply;
  } finally {
    closeSync(socket);
  }
}

/** Where too many ask at once, again. */
async function connect(pod: Pod): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return connectSeqpacket(join(pod.files, CONTROL_SOCKET));
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) throw ended(pod);
      if (!hasCode(error, 'EAGAIN') || tries === CONNECT_TRIES) throw error;
    }
    await setTimeout(RETRY_MS);
  }
}

async function receive(pod: Pod, socket: number): Promise<ControlReply> {
  const until = performance.now() + PATIENCE_MS;
  for (let left = PATIENCE_MS; left > 0; left = until - performance.now()) {
    await pollApart([{ fd: socket, events: POLL.POLLIN }], Math.ceil(left));
    const received = receiveMessage(socket, LARGEST_CONTROL_MESSAGE);
    if (received === 'gone') throw ended(pod);
    if (received !== 'none') return decodeJson(received, controlReply, { what: 'reply of the supervisor' });
  }
  throw new MutableError(`the supervisor of pod ${JSON.stringify(pod.uuid)} does not answer`);
}

function ended({ uuid }: Pod): Error {
  return new NotRunningError(`pod ${JSON.stringify(uuid)} isn't currently running`);
}
