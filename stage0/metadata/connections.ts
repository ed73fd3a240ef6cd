import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { MetadataRequest, MetadataResponse } from './respond.ts';

/** What those who connect may cost, at most. */
export interface Limits {
  /** At the same time; who comes then is hung up on. */
  readonly connections: number;
  /** Of these from one address, so that no pod shuts the others out. */
  readonly connectionsOfOne: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** From the connection to its end: for one request and its answer. */
  readonly milliseconds: number;
}

/** Speaks HTTP/1.1 with who connects: one request a connection, however the connection came to be. */
export function answering(
  limits: Limits,
  answer: (request: MetadataRequest) => MetadataResponse,
): (socket: Socket) => void {
  const server = createServer({ maxHeaderSize: limits.headerBytes }, (incoming, outgoing) => {
    readBody(incoming, limits.bodyBytes, (body) =>
      send(outgoing, body === undefined ? TOO_LARGE : answer({ ...requestOf(incoming), body })),
    );
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const open = new Map<Socket, Peer>();
  return (socket) => {
    socket.on('error', () => socket.destroy()); // whoever it was has gone
    const peer = socket.remoteAddress;
    if (!hasRoom(limits, [...open.values()], peer)) {
      socket.destroy();
      return;
    }
    open.set(socket, peer);
    const deadline = setTimeout(() => socket.destroy(), limits.milliseconds);
    socket.on('close', () => {
      clearTimeout(deadline);
      open.delete(socket);
    });
    server.emit('connection', socket);
  };
}

/** An address; who comes by a UNIX socket has none. */
type Peer = string | undefined;

function hasRoom({ connections, connectionsOfOne }: Limits, open: readonly Peer[], peer: Peer): boolean {
  return open.length < connections && open.filter((each) => each === peer).length < connectionsOfOne;
}

const TOO_LARGE: MetadataResponse = {
  status: 413,
  type: 'text/plain; charset=us-ascii',
  body: 'the request is too large',
};

/** Calls back with the whole body, or with undefined as soon as it is larger; not at all when it does not end. */
function readBody(incoming: IncomingMessage, most: number, then: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (size > most) return;
    size += chunk.length;
    chunks.push(chunk);
    if (size > most) then(undefined);
  });
  incoming.on('end', () => size <= most && then(Buffer.concat(chunks)));
}

function requestOf({ method = '', url = '/' }: IncomingMessage) {
  return { method, path: url.split('?')[0] ?? '/' };
}

function send(outgoing: ServerResponse, { status, type, body, allow }: MetadataResponse): void {
  outgoing.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...(allow && { allow }),
  });
  outgoing.end(body);
}
