import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedImage, FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import { partialDirectory } from '../../image/store/layout.ts';
import { certificate } from '../registry/pulling.ts';
import { type ServeFile, serveFile } from '../registry/serve-file.ts';
import { type Seen, startServer } from '../registry/server.ts';
import { entry } from '../unit/image/tar-blocks.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';

/** A store, and a server with a signed ACI of some size. */
export interface AciSite extends AsyncDisposable {
  readonly place: FetchPlace;
  readonly url: string;
  /** How the ACI is served from now on. */
  served: ServeFile;
  /** So many bytes are sent, and then nothing for ever. */
  stopAfter: number | undefined;
  /** Headers of a 304, which whoever has any file is given from now on. */
  unchanged: Record<string, string> | undefined;
  /** Makes another ACI of the same name, signed, and serves it under another entity tag. */
  change(): Promise<void>;
  /** The requests for the ACI since the last call. */
  asked(): readonly Seen[];
  fetch(changes?: Partial<FetchOptions>, url?: string): Promise<FetchedImage>;
  /** Another process that fetches the ACI without its signature. */
  startChild(): ChildProcess;
  /** Fetches in another process until it has this many bytes, then kills it. */
  killAt(bytes: number): Promise<void>;
  partials(): readonly string[];
}

export async function aciSite(): Promise<AciSite> {
  const place = await fetchPlace();
  const publish = async (version: string): Promise<ServeFile & { signature: Buffer }> => {
    const files = [entry({ name: 'rootfs/data', mode: 0o600 }, randomBytes(3 << 20))];
    const path = await place.signedAci(`${version}.aci`, { files, version, compression: 'none' });
    return { content: readFileSync(path), etag: `"${version}"`, signature: readFileSync(`${path}.asc`) };
  };
  const first = await publish('1');
  let { signature } = first;
  const server = await startServer((request, response) => {
    const [path] = request.url?.split('?') ?? [];
    if (path === '/a.aci.asc') return void response.end(signature);
    if (path !== '/a.aci') return void response.writeHead(404).end();
    if (site.unchanged !== undefined && request.headers['if-none-match'] !== undefined)
      return void response.writeHead(304, site.unchanged).end();
    if (site.stopAfter === undefined) return serveFile(request, response, site.served);
    const { content, etag = '', headers } = site.served;
    response.writeHead(200, { ...headers, etag, 'content-length': content.length });
    response.write(content.subarray(0, site.stopAfter));
  }, certificate);
  const http = { userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile }, retries: 0 };
  const directory = join(place.store.path, '..');
  const site: AciSite = {
    place,
    url: `${server.origin}/a.aci`,
    served: first,
    stopAfter: undefined,
    unchanged: undefined,
    async change() {
      const other = await publish('2');
      signature = other.signature;
      site.served = { ...site.served, ...other };
    },
    asked() {
      return server.seen.splice(0).filter(({ url }) => url.split('?')[0] === '/a.aci');
    },
    fetch: (changes = {}, url = site.url) =>
      fetchImage(place.store, { reference: url }, place.options({ http, pullPolicy: 'update', ...changes })),
    startChild: () =>
      spawn(process.execPath, [join(import.meta.dirname, 'fetch-child.ts'), directory, site.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, SSL_CERT_FILE: certificate.certFile },
      }),
    async killAt(bytes) {
      site.stopAfter = bytes;
      const child = site.startChild();
      const exited = once(child, 'exit');
      while (!site.partials().some((name) => sizeOf(join(partialDirectory(place.store), name)) >= bytes))
        await sleep(10);
      child.kill('SIGKILL');
      await exited;
      site.stopAfter = undefined;
      site.asked();
    },
    partials: () => readdirSync(partialDirectory(place.store)).sort(),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
  return site;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
