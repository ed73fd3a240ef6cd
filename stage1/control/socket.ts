import { closeSync, rmSync } from 'node:fs';
import { acceptConnection } from '../../linux/accept.ts';
import { POLL, type PollRequest } from '../../linux/poll.ts';
import { listenSeqpacket, receiveMessage, sendMessage } from '../../linux/seqpacket.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import {
  CONTROL_SOCKET,
  type ControlReply,
  type ControlRequest,
  controlRequest,
  LARGEST_CONTROL_MESSAGE,
} from '../../schema/pod-control.ts';
import { sooner } from '../supervisor/sooner.ts';
import { isOwnerOrRoot } from './peer.ts';

const MOST_CLIENTS = 16;
/** How long somebody may be connected who asks for nothing. */
const SILENCE_MS = 5000;

/** What somebody asks for. Answered once; who is gone meanwhile is not told. */
export interface Asked {
  readonly request: ControlRequest;
  readonly answer: (reply: ControlReply) => void;
}

/** The socket by which a pod is changed while it runs. */
export interface ControlSocket {
  /** The fd that is readable when somebody wants something, also to a sleeping supervisor. */
  readonly listener: number;
  /** Somebody is connected: there is something to wait for, so we do not sleep. */
  readonly isBusy: boolean;
  readonly requests: readonly PollRequest[];
  handle(events: ReadonlyMap<number, number>, now: number): readonly Asked[];
  /** How long until somebody has been silent for too long, in milliseconds; −1: for ever. */
  patience(now: number): number;
}

interface Client {
  readonly fd: number;
  /** When it has been silent for too long. */
  readonly until: number;
  hasAsked: boolean;
  gone: boolean;
}

/** Makes the socket, in the pod's directory, which is our working directory. */
export function listenForControl(): number {
  rmSync(CONTROL_SOCKET, { force: true });
  return listenSeqpacket(CONTROL_SOCKET);
}

export function controlSocket(listener: number): ControlSocket {
  let clients: readonly Client[] = [];
  const dismiss = () => {
    for (const { fd, gone } of clients) if (gone) closeSync(fd);
    clients = clients.filter(({ gone }) => !gone);
  };
  return {
    listener,
    get isBusy() {
      return clients.length > 0;
    },
    get requests() {
      const listening = clients.length < MOST_CLIENTS ? [listener] : [];
      return [...listening, ...clients.map(({ fd }) => fd)].map((fd) => ({ fd, events: POLL.POLLIN }));
    },
    handle(events, now) {
      dismiss(); // who was answered
      const asked = clients.flatMap((client) => (events.has(client.fd) ? hear(client) : []));
      for (const client of clients) client.gone ||= !client.hasAsked && now >= client.until;
      dismiss();
      if (events.has(listener)) clients = [...clients, ...accept(listener, now)];
      return asked;
    },
    patience: (now) =>
      clients
        .map(({ hasAsked, gone, until }) => (gone ? 0 : hasAsked ? -1 : Math.max(0, Math.ceil(until - now))))
        .reduce(sooner, -1),
  };
}

function accept(listener: number, now: number): readonly Client[] {
  const fd = acceptConnection(listener);
  if (fd === undefined) return [];
  if (isOwnerOrRoot(fd)) return [{ fd, until: now + SILENCE_MS, hasAsked: false, gone: false }];
  closeSync(fd);
  return [];
}

/** One message, and no other. */
function hear(client: Client): readonly Asked[] {
  const received = receiveMessage(client.fd, LARGEST_CONTROL_MESSAGE);
  if (received === 'none') return [];
  if (received === 'gone' || client.hasAsked) {
    client.gone = true;
    return [];
  }
  client.hasAsked = true;
  const answer = (reply: ControlReply) => {
    if (client.gone) return;
    sendMessage(client.fd, Buffer.from(JSON.stringify(reply)));
    client.gone = true;
  };
  try {
    return [{ request: decodeJson(received, controlRequest, { what: 'request' }), answer }];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    answer({ result: 'failed', why: error.message });
    return [];
  }
}
