import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
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

/** Registers a pod with the service of its data directory. */
export async function registerPod(
  dataDirectory: string,
  { uuid, manifest, images }: PodToRegister,
): Promise<MetadataAccess> {
  const token = randomBytes(16).toString('hex');
  const apps = images.map(({ name, id, manifest: image }) => {
    const { annotations } = manifest.apps.find((app) => app.name === name) ?? {};
    return [name, { id, manifest: image, annotations }];
  });
  const body = formatJson({ token, manifest, apps: Object.fromEntries(apps) });
  const port = Number(await call(metadataSocket(dataDirectory), 'PUT', `/pods/${uuid}`, body));
  return { token, port };
}

function call(socketPath: string, method: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new MetadataError(`register with the metadata service: ${why}`));
    const outgoing = request({ socketPath, method, path, timeout: 5000 }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => (incoming.statusCode === 200 ? resolve(text) : fail(text)));
    });
    outgoing.on('error', (error) =>
      fail(hasCode(error, 'ENOENT', 'ECONNREFUSED') ? 'none is there' : error.message),
    );
    outgoing.end(body);
  });
}
