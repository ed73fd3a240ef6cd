import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface Server extends AsyncDisposable {
  /** `https://localhost:PORT`, without a slash at the end. */
  readonly origin: string;
  readonly host: string;
  /** Every request so far. */
  readonly seen: Seen[];
}

/** A server on a free port of the loopback, over TLS if there is a certificate. */
export async function startServer(handler: Handler, certificate?: Certificate): Promise<Server> {
  const seen: Seen[] = [];
  const listener: Handler = (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    response.on('error', () => undefined);
    return handler(request, response);
  };
  const server =
    certificate === undefined
      ? http.createServer(listener)
      : https.createServer({ cert: certificate.cert, key: certificate.key }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    host,
    origin: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads a request's body whole. */
export async function readRequest(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
