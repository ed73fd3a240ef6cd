import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Socket } from 'node:net';
import { setNonBlocking } from '../../linux/descriptor.ts';
import { acceptSome, streamOf } from '../../linux/stream-socket.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { openPod } from '../pod/open.ts';
import type { PodDirectory } from '../pod/state.ts';
import { answering, type Limits } from './connections.ts';
import { ListenerError, sortListeners } from './listeners.ts';
import { openMemory } from './memory.ts';
import { respondToRegistration } from './register.ts';
import { makeRegistry } from './registry.ts';
import { respond } from './respond.ts';

/** Where pods are registered: only who owns the data directory can. */
export function metadataSocket(dataDirectory: string): string {
  return `${dataDirectory}/metadata-svc.sock`;
}

export const DEFAULT_PORT = 18_112;

/** Pods send content to be signed; a registration holds the manifests of a pod and its images. */
const OF_PODS: Limits = {
  connections: 64,
  connectionsOfOne: 16,
  headerBytes: 16_384,
  bodyBytes: 1 << 20,
  milliseconds: 10_000,
};
const OF_REGISTRATIONS: Limits = { ...OF_PODS, connectionsOfOne: 64, bodyBytes: 4 << 20 };

export interface ServiceOptions {
  readonly dataDirectory: string;
  /** Where to listen for pods; DEFAULT_PORT, if nobody listens there for us. 0 is any that is free. */
  readonly port?: number | undefined;
  /** Listening sockets of the service manager (sd_listen_fds(3)). */
  readonly listeners: readonly number[];
  readonly onWarning: (warning: string) => void;
}

export interface Serving {
  /** The one that pods ask. */
  readonly port: number;
  /** Rejects when it cannot go on. */
  readonly ended: Promise<never>;
}

type Take = (socket: Socket) => void;

/** Serves until the process ends. Resolves once both places listen. */
export async function serveMetadata(options: ServiceOptions): Promise<Serving> {
  const { dataDirectory, port, onWarning } = options;
  const listeners = sortListeners(options.listeners);
  if (listeners.port !== undefined && port !== undefined)
    throw new ListenerError(`listen on port ${port}: the service manager listens on ${listeners.port}`);
  const isWanted = (uuid: Uuid) => mayAsk(dataDirectory, uuid);
  const memory = openMemory(dataDirectory, { isWanted, onWarning });
  const registry = makeRegistry(memory.pods, memory);
  const service = { registry, key: memory.key };
  const answerPod = answering(OF_PODS, (request) => respond(service, request));
  const listening = listeners.port ?? (await listenForPods(port ?? DEFAULT_PORT, answerPod));
  const answerRegistration = answering(OF_REGISTRATIONS, (request) => {
    registry.sweep(isWanted);
    return respondToRegistration(registry, listening, request);
  });
  const takers = new Map(listeners.open.map((fd) => [fd, answerPod]));
  if (listeners.registration !== undefined) takers.set(listeners.registration, answerRegistration);
  else await listenForRegistrations(dataDirectory, answerRegistration);
  return { port: listening, ended: acceptForEver(takers) };
}

/** Somebody holds the lock of a pod that runs, or that is being made ready to: then it is registered. */
function mayAsk(dataDirectory: string, uuid: Uuid): boolean {
  using pod = openPod(dataDirectory, uuid, 'shared');
  return pod !== undefined && pod.lock === undefined && MAY_ASK.includes(pod.directory);
}

const MAY_ASK: readonly PodDirectory[] = ['embryo', 'prepare', 'prepared', 'run'];

async function listenForPods(port: number, take: Take): Promise<number> {
  const address = await listen({ port, host: '0.0.0.0' }, take);
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function listenForRegistrations(dataDirectory: string, take: Take): Promise<void> {
  const path = metadataSocket(dataDirectory);
  rmSync(path, { force: true });
  const mask = process.umask(0o177); // not open to others for a moment
  try {
    await listen({ path }, take);
  } finally {
    process.umask(mask);
  }
}

async function listen(where: ListenOptions, take: Take) {
  const server = createServer({ allowHalfOpen: true }, take);
  server.listen(where);
  await once(server, 'listening'); // rejects with the server's error
  return server.address();
}

/** Gives each connection to who takes those of its listening socket. Never resolves. */
async function acceptForEver(takers: ReadonlyMap<number, Take>): Promise<never> {
  if (takers.size === 0) return new Promise<never>(() => {});
  for (const fd of takers.keys()) setNonBlocking(fd);
  for (;;) {
    for (const { listener, fd } of await acceptSome([...takers.keys()])) takers.get(listener)?.(streamOf(fd));
  }
}
