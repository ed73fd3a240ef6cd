import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { respondToRegistration } from './register.ts';
import { makeRegistry } from './registry.ts';
import { type MetadataRequest, type MetadataResponse, respond } from './respond.ts';

/** Where pods are registered: only who owns the data directory can. */
export function metadataSocket(dataDirectory: string): string {
  return `${dataDirectory}/metadata-svc.sock`;
}

export const DEFAULT_PORT = 18_112;

export interface ServiceOptions {
  readonly dataDirectory: string;
  readonly port: number;
}

/** Serves until the process ends. Resolves once both places listen, with the port of the public one. */
export async function serveMetadata({ dataDirectory, port }: ServiceOptions): Promise<number> {
  const service = { registry: makeRegistry(), key: randomBytes(64) };
  const open = answering((request) => respond(service, request));
  await listen(open, { port, host: '0.0.0.0' });
  const address = open.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  const socket = metadataSocket(dataDirectory);
  mkdirSync(dirname(socket), { recursive: true });
  rmSync(socket, { force: true });
  const mask = process.umask(0o177); // not open to others for a moment
  await listen(
    answering((request) => respondToRegistration(service.registry, listening, request)),
    { path: socket },
  );
  process.umask(mask);
  return listening;
}

async function listen(server: Server, where: object): Promise<void> {
  server.listen(where);
  await once(server, 'listening'); // rejects with the server's error
}

/** What a pod may send: content to be signed, never more. Manifests of a registration are larger. */
const MOST_BYTES = 4 << 20;
const MOST_MS = 10_000;

function answering(answer: (request: MetadataRequest) => MetadataResponse): Server {
  const server = createServer((incoming, outgoing) => {
    readBody(incoming).then(
      (body) => send(outgoing, answer({ method: incoming.method ?? '', path: pathOf(incoming), body })),
      () => send(outgoing, { status: 413, type: 'text/plain', body: 'too large' }),
    );
  });
  server.requestTimeout = MOST_MS;
  server.headersTimeout = MOST_MS;
  return server;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/';
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) throw new RangeError('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function send(outgoing: ServerResponse, { status, type, body }: MetadataResponse): void {
  outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
