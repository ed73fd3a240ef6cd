import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Annotations } from '../../schema/annotation.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { RegisteredApp, RegisteredPod, Registry } from './registry.ts';

/** A request, its body read. */
export interface MetadataRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly body: string;
}

export interface MetadataResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** All that an answer depends on. */
export interface MetadataService {
  readonly registry: Registry;
  /** The service's own secret, for signatures. */
  readonly key: Buffer;
}

/** What the service answers a pod (appc spec, ace.md, "App Container Metadata Service"). */
export function respond(service: MetadataService, request: MetadataRequest): MetadataResponse {
  const [, token = '', prefix, version, scope, ...rest] = request.path.split('/').map(decodePart);
  const pod = service.registry.byToken(token);
  if (pod === undefined) return refuse(401, 'unknown token');
  if (prefix !== 'acMetadata' || version !== 'v1') return refuse(404, 'not found');
  if (scope === 'pod' && rest[0] === 'hmac') return hmac(service, pod, rest[1], request);
  if (request.method !== 'GET') return refuse(405, 'only GET');
  if (scope === 'pod') return ofPod(pod, rest);
  const app = scope === 'apps' ? appOf(pod, rest[0] ?? '') : undefined;
  return app === undefined ? refuse(404, 'not found') : ofApp(app, rest.slice(1));
}

function appOf({ apps }: RegisteredPod, name: string): RegisteredApp | undefined {
  return Object.hasOwn(apps, name) ? apps[name] : undefined;
}

function ofPod({ uuid, manifest }: RegisteredPod, [what, ...names]: readonly string[]): MetadataResponse {
  if (what === 'uuid' && names.length === 0) return text(uuid);
  if (what === 'manifest' && names.length === 0) return json(manifest);
  return what === 'annotations' ? annotated(manifest.annotations ?? [], names) : refuse(404, 'not found');
}

function ofApp(
  { id, manifest, annotations = [] }: RegisteredApp,
  [what, ...rest]: readonly string[],
): MetadataResponse {
  if (what === 'image' && rest[0] === 'id' && rest.length === 1) return text(id);
  if (what === 'image' && rest[0] === 'manifest' && rest.length === 1) return json(manifest);
  if (what !== 'annotations') return refuse(404, 'not found');
  const own = new Set<string>(annotations.map(({ name }) => name));
  const ofImage = (manifest.annotations ?? []).filter(({ name }) => !own.has(name));
  return annotated([...ofImage, ...annotations], rest);
}

/** All annotations as JSON, or the value of one, whose name may hold slashes. */
function annotated(list: Annotations, names: readonly string[]): MetadataResponse {
  if (names.length === 0) return json(list);
  const found = list.find(({ name }) => name === names.join('/'));
  return found === undefined ? refuse(404, 'no such annotation') : text(found.value);
}

/** A pod signs as itself alone; anybody's signature can be verified by any pod. */
function hmac(
  service: MetadataService,
  pod: RegisteredPod,
  what: string | undefined,
  request: MetadataRequest,
) {
  if (request.method !== 'POST') return refuse(405, 'only POST');
  const form = new URLSearchParams(request.body);
  const content = form.get('content');
  if (content === null) return refuse(400, 'content form value not found');
  if (what === 'sign') return text(sign(service.key, pod.uuid, content).toString('base64'));
  if (what !== 'verify') return refuse(404, 'not found');
  const uuid = form.get('uuid') ?? form.get('uid');
  if (uuid === null) return refuse(400, 'uuid form value not found');
  const given = Buffer.from(form.get('signature') ?? '', 'base64');
  const wanted = sign(service.key, uuid.toLowerCase(), content);
  const isGenuine = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isGenuine ? text('') : refuse(403, 'signature mismatch');
}

/** The UUID has a fixed length, so no content can pass for another pod's. */
function sign(key: Buffer, uuid: string, content: string): Buffer {
  return createHmac('sha512', key).update(uuid).update(content).digest();
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function text(body: string): MetadataResponse {
  return { status: 200, type: 'text/plain; charset=us-ascii', body };
}

function json(value: unknown): MetadataResponse {
  return { status: 200, type: 'application/json', body: formatJson(value) };
}

function refuse(status: number, body: string): MetadataResponse {
  return { status, type: 'text/plain; charset=us-ascii', body };
}
