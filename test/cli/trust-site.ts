import { readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { makeCertificate } from '../registry/certificate.ts';
import { type Handler, type Seen, startServer } from '../registry/server.ts';

/** Answers by path; what is not here is 404. A function decides anew at each request. */
export type Pages = Record<string, Page>;
export type Page = string | Buffer | Handler;

/** `https://example.com`, as far as programs with this environment can tell. */
export interface TrustSite extends AsyncDisposable {
  readonly env: Record<string, string>;
  readonly pages: Pages;
  readonly seen: readonly Seen[];
}

/** A server with a certificate for example.com, and a proxy that leads every connection to it. */
export async function trustSite(pages: Pages = {}): Promise<TrustSite> {
  const certificate = makeCertificate('example.com');
  const server = await startServer((request, response) => {
    const page = pages[new URL(request.url ?? '/', server.origin).pathname];
    if (typeof page === 'function') page(request, response);
    else if (page === undefined) response.writeHead(404).end();
    else response.end(page);
  }, certificate);
  const proxy = await startProxy(Number(server.host.split(':')[1]));
  return {
    env: { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: certificate.certFile },
    pages,
    seen: server.seen,
    async [Symbol.asyncDispose]() {
      proxy[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      certificate[Symbol.dispose]();
    },
  };
}

/** Where an image named example.com/NAME, its signature and the keys for it may be had. */
export const DISCOVERY = [
  '<meta name="ac-discovery" content="example.com https://example.com/images/{name}-{version}.{ext}">',
  '<meta name="ac-discovery-pubkeys" content="example.com https://example.com/keys.asc">',
].join('\n');

/** Serves an image and its signature where DISCOVERY says. */
export function publish(pages: Pages, name: string, image: string, version = 'latest'): void {
  const path = `/images/example.com/${name}-${version}`;
  pages[`/${name}`] = DISCOVERY;
  pages[`${path}.aci`] = readFileSync(image);
  pages[`${path}.aci.asc`] = readFileSync(`${image}.asc`);
}

/** An HTTP proxy (CONNECT) that leads to `port` whatever it is asked for. */
async function startProxy(port: number): Promise<Disposable & { readonly url: string }> {
  const open = new Set<net.Socket>();
  const proxy = http.createServer().on('connect', (_, socket: net.Socket) => {
    const server = net.connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const each of [socket, server]) open.add(each.on('error', () => undefined));
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      for (const socket of open) socket.destroy();
      proxy.close();
    },
  };
}
