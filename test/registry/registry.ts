import type { IncomingMessage, ServerResponse } from 'node:http';
import { OCI_INDEX } from '../../schema/oci/media-type.ts';
import { type Auth, isAuthorized, refuse, serveToken } from './auth.ts';
import type { Certificate } from './certificate.ts';
import { type Document, digestOf, type SampleImage } from './sample-image.ts';
import { serveFile } from './serve-file.ts';
import { readRequest, type Server, startServer } from './server.ts';

/** Answers a request badly, or passes it on. */
export type Fault = (request: IncomingMessage, response: ServerResponse, pass: () => void) => void;

export interface RegistryOptions {
  readonly auth?: Auth;
  /** Whether the referrers API exists (default: no, as with docker-registry). */
  readonly referrers?: boolean;
  /** Whether it says so when it lists a manifest as a referrer (default: as `referrers`). */
  readonly namesSubject?: boolean;
  /** Whether blobs can be mounted from another repository. If this is said, each repository has its own; else all have all. */
  readonly mount?: boolean;
  readonly ranges?: boolean;
}

export interface TestRegistry extends Server {
  readonly blobs: Map<string, Buffer>;
  /** By `REPOSITORY TAG` and `REPOSITORY DIGEST`. */
  readonly manifests: Map<string, Document>;
  /** Stores an image under a tag. */
  add(repository: string, tag: string, image: SampleImage): void;
  addDocument(repository: string, tag: string, document: Document): void;
  /** Requests that match `METHOD URL` are answered by the fault, the first `times` of them. */
  misbehave(match: RegExp, fault: Fault, times?: number): void;
}

/** An OCI registry in memory that can be told to misbehave: over TLS, unless there is no certificate. */
export async function startRegistry(
  certificate?: Certificate,
  options: RegistryOptions = {},
): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Document>();
  const faults: { match: RegExp; fault: Fault; left: number }[] = [];
  const owned = new Set<string>();
  const store: Store = { blobs, owned, manifests, options };
  const server = await startServer((request, response) => {
    const pass = () => void serve(store, request, response);
    const fault = faults.find(
      ({ match, left }) => left > 0 && match.test(`${request.method} ${request.url}`),
    );
    if (fault === undefined) return pass();
    fault.left--;
    fault.fault(request, response, pass);
  }, certificate);
  const addDocument = (repository: string, tag: string, document: Document) => {
    for (const name of [tag, document.digest]) manifests.set(`${repository} ${name}`, document);
  };
  return {
    ...server,
    blobs,
    manifests,
    addDocument,
    add: (repository, tag, image) => {
      addDocument(repository, tag, image);
      for (const [digest, bytes] of image.blobs) {
        blobs.set(digest, bytes);
        owned.add(`${repository} ${digest}`);
      }
    },
    misbehave: (match, fault, times = Number.POSITIVE_INFINITY) => faults.push({ match, fault, left: times }),
  };
}

interface Store {
  readonly blobs: Map<string, Buffer>;
  /** `REPOSITORY DIGEST` */
  readonly owned: Set<string>;
  readonly manifests: Map<string, Document>;
  readonly options: RegistryOptions;
}

async function serve(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { auth } = store.options;
  if (auth === undefined) return serveContent(store, request, response);
  if (request.url?.startsWith('/token')) return serveToken(auth, request, response);
  return isAuthorized(auth, request)
    ? serveContent(store, request, response)
    : refuse(auth, request, response);
}

async function serveContent(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://registry');
  const [, repository = '', kind, name = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
  switch (kind) {
    case 'manifests':
      return serveManifest(store, request, response, repository, name);
    case 'blobs':
      return serveBlob(store, request, response, { repository, name });
    case 'blobs/uploads':
      return serveUpload(store, request, response, { url, repository });
    case 'referrers':
      return store.options.referrers ? serveReferrers(store, response, repository, name) : notFound(response);
    default:
      if (url.pathname === '/v2/') response.end('{}');
      else notFound(response);
  }
}

async function serveManifest(
  { manifests, options }: Store,
  request: IncomingMessage,
  response: ServerResponse,
  repository: string,
  name: string,
): Promise<void> {
  if (request.method === 'PUT') {
    const bytes = await readRequest(request);
    const stored = { bytes, mediaType: request.headers['content-type'] ?? '', digest: digestOf(bytes) };
    for (const key of [name, stored.digest]) manifests.set(`${repository} ${key}`, stored);
    const subject = JSON.parse(bytes.toString()).subject?.digest;
    const isNamed = (options.namesSubject ?? options.referrers) && subject !== undefined;
    response.writeHead(201, { location: request.url, ...(isNamed ? { 'oci-subject': subject } : {}) }).end();
    return;
  }
  const found = manifests.get(`${repository} ${name}`);
  if (found === undefined) return notFound(response);
  const headers = { 'content-type': found.mediaType, 'docker-content-digest': found.digest };
  serveFile(request, response, { content: found.bytes, ranges: false, headers });
}

function serveBlob(
  { blobs, owned, options }: Store,
  request: IncomingMessage,
  response: ServerResponse,
  { repository, name }: { readonly repository: string; readonly name: string },
): void {
  const isThere = options.mount === undefined || owned.has(`${repository} ${name}`);
  const content = isThere ? blobs.get(name) : undefined;
  if (content === undefined) notFound(response);
  else serveFile(request, response, { content, ranges: options.ranges ?? true, etag: `"${name}"` });
}

async function serveUpload(
  { blobs, owned, options }: Store,
  request: IncomingMessage,
  response: ServerResponse,
  { url, repository }: { readonly url: URL; readonly repository: string },
): Promise<void> {
  if (request.method === 'POST') {
    const wanted = url.searchParams.get('mount');
    if (options.mount && owned.has(`${url.searchParams.get('from')} ${wanted}`)) {
      owned.add(`${repository} ${wanted}`);
      return void response.writeHead(201, { location: url.pathname }).end();
    }
    response.writeHead(202, { location: `${url.pathname}1?state=x` }).end();
    return;
  }
  const bytes = await readRequest(request);
  const digest = digestOf(bytes);
  if (url.searchParams.get('digest') !== digest) return void response.writeHead(400).end();
  blobs.set(digest, bytes);
  owned.add(`${repository} ${digest}`);
  response.writeHead(201, { location: request.url }).end();
}

function serveReferrers(
  { manifests }: Store,
  response: ServerResponse,
  repository: string,
  subject: string,
): void {
  const documents = new Map([...manifests].filter(([key]) => key.startsWith(`${repository} sha256:`)));
  const referring = [...documents.values()].filter(
    ({ bytes }) => JSON.parse(bytes.toString()).subject?.digest === subject,
  );
  const entries = referring.map(({ bytes, mediaType, digest }) => ({
    mediaType,
    digest,
    size: bytes.length,
  }));
  response.writeHead(200, { 'content-type': OCI_INDEX });
  response.end(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries }));
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'not here \u001b[2J' }] }));
}
