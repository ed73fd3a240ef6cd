import { randomBytes } from 'node:crypto';
import { type RequestOptions, request } from 'node:http';
import { hasCode } from '../../linux/system-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import type { AppImage } from '../prepare/write-pod.ts';
import { metadataSocket } from './serve.ts';

/** A metadata service that is not there, or refuses. */
export class MetadataError extends Error {
  readonly code = 'ERR_METADATA';
  readonly hint = 'tsrkt metadata-service starts it';
}

/** What a pod's apps need to reach the service. */
export interface MetadataAccess {
  readonly token: string;
  readonly port: number;
}

export interface PodToRegister {
  readonly uuid: Uuid;
  readonly manifest: PodManifest;
  readonly images: readonly AppImage[];
}

/** How long the service may take, also to be started by whoever listens for it. */
const PATIENCE_MS = 10_000;

/** Registers a pod with the service of its data directory. */
export async function registerPod(
  dataDirectory: string,
  { uuid, manifest, images }: PodToRegister,
  patienceMs = PATIENCE_MS,
): Promise<MetadataAccess> {
  const token = randomBytes(16).toString('hex');
  const apps = images.map(({ name, id, manifest: image }) => {
    const { annotations } = manifest.apps.find((app) => app.name === name) ?? {};
    return [name, { id, manifest: image, annotations }];
  });
  const body = formatJson({ token, manifest, apps: Object.fromEntries(apps) });
  const socketPath = metadataSocket(dataDirectory);
  const put = { socketPath, method: 'PUT', path: `/pods/${uuid}`, timeout: patienceMs };
  return { token, port: Number(await call(put, body)) };
}

function call(options: RequestOptions & { readonly timeout: number }, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new MetadataError(`register with the metadata service: ${why}`));
    const outgoing = request(options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('error', (error) => fail(error.message));
      incoming.on('end', () => (incoming.statusCode === 200 ? resolve(text) : fail(text)));
    });
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`no answer within ${options.timeout / 1000} seconds`)),
    );
    outgoing.on('error', (error) =>
      fail(hasCode(error, 'ENOENT', 'ECONNREFUSED') ? 'none is there' : error.message),
    );
    outgoing.end(body);
  });
}
