import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { takeUserInfo } from './url.ts';

/** A proxy that would not connect us. */
export class TunnelError extends Error {
  readonly code = 'ERR_HTTP_PROXY';
  constructor(proxy: URL, target: string, why: string) {
    super(`connect to ${target} through proxy ${proxy.host}: ${why}`);
    this.name = 'TunnelError';
  }
}

/**
 * An agent whose connections run through a proxy: a CONNECT tunnel (RFC 9110 §9.3.6), with TLS inside it where the
 * target wants https. Plain http goes through a tunnel as well, so that a proxy never gets to see a request's headers.
 */
export function tunnelAgent(proxy: URL, options: https.AgentOptions): http.Agent {
  return new TunnelAgent(proxy, options);
}

type Done = (error: Error | null, socket?: Duplex) => void;

/** An agent makes its connections in `createConnection`: that is all we replace. */
class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }
  override createConnection(target: http.ClientRequestArgs, done: Done): undefined {
    openTunnel(this.#proxy, authority(target), (error, socket) => {
      if (error !== null) return done(error);
      done(null, target.protocol === 'http:' ? socket : wrapInTls(target, socket));
    });
    return undefined;
  }
}

function authority({ host, port }: http.ClientRequestArgs): string {
  return `${host?.includes(':') ? `[${host}]` : host}:${port}`;
}

function wrapInTls(target: http.ClientRequestArgs & { servername?: string }, socket: Duplex): Duplex {
  const { host, ...security } = target;
  return tls.connect({
    ...security,
    socket,
    servername: target.servername || (host ?? ''),
  } as tls.ConnectionOptions);
}

function openTunnel(proxy: URL, target: string, done: (error: Error | null, socket: Duplex) => void): void {
  const { url, authorization } = takeUserInfo(proxy);
  const request = (url.protocol === 'https:' ? https : http).request({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: target,
    agent: false,
    headers: { host: target, ...(authorization ? { 'proxy-authorization': authorization } : {}) },
  });
  const fail = (error: Error) => done(error, undefined as never);
  request.once('connect', (response, socket) => {
    if (response.statusCode === 200) return done(null, socket);
    socket.destroy();
    fail(new TunnelError(proxy, target, `the proxy answered ${response.statusCode}`));
  });
  request.once('response', (response) => {
    response.destroy();
    fail(new TunnelError(proxy, target, `the proxy answered ${response.statusCode}`));
  });
  request.once('error', (error) => fail(new TunnelError(proxy, target, error.message)));
  request.end();
}
