import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Annotations } from '../../schema/annotation.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import { parseUuid, type Uuid } from '../../schema/uuid.ts';
import { parseForm } from './form.ts';
import type { RegisteredApp, RegisteredPod, Registry } from './registry.ts';

/** A request, its body read. */
export interface MetadataRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly body: Buffer;
}

export interface MetadataResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** The methods that would have been answered, where one was not. */
  readonly allow?: string;
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
  if (scope === 'pod' && rest[0] === 'hmac') return hmac(service, pod, rest.slice(1), request);
  if (request.method !== 'GET') return onlyMethods('GET');
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

/** For what the spec has no type for, and may hold anything. */
const ANY_TEXT = 'text/plain; charset=utf-8';

/** All annotations as JSON; or, as in rkt, the value of one, whose name may hold slashes. */
function annotated(list: Annotations, names: readonly string[]): MetadataResponse {
  if (names.length === 0) return json(list);
  const found = list.find(({ name }) => name === names.join('/'));
  return found === undefined ? refuse(404, 'no such annotation') : { ...text(found.value), type: ANY_TEXT };
}

/** A pod signs as itself alone; anybody's signature can be verified by any pod. */
function hmac(
  service: MetadataService,
  pod: RegisteredPod,
  rest: readonly string[],
  request: MetadataRequest,
) {
  const [what] = rest;
  if (rest.length !== 1 || (what !== 'sign' && what !== 'verify')) return refuse(404, 'not found');
  if (request.method !== 'POST') return onlyMethods('POST');
  try {
    const form = parseForm(request.body);
    const content = wantedField(form, 'content');
    if (what === 'sign') return text(sign(service.key, pod.uuid, content).toString('base64'));
    return verify(service, form, content);
  } catch (error) {
    if (error instanceof DecodeError) return { ...refuse(400, error.message), type: ANY_TEXT };
    throw error;
  }
}

/** Older texts of the spec call the field `uid`. */
function verify({ key }: MetadataService, form: ReadonlyMap<string, Buffer>, content: Buffer) {
  const uuid = parseUuid((form.get('uuid') ?? wantedField(form, 'uid', 'uuid')).toString('latin1'));
  const given = Buffer.from(wantedField(form, 'signature').toString('latin1'), 'base64');
  const wanted = sign(key, uuid, content);
  const isGenuine = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isGenuine ? text('') : refuse(403, 'signature mismatch');
}

function wantedField(form: ReadonlyMap<string, Buffer>, name: string, shownAs = name): Buffer {
  const value = form.get(name);
  if (value === undefined) throw new DecodeError('form', `no field "${shownAs}"`);
  return value;
}

/** A UUID has a fixed length, so no content can pass for another pod's. */
function sign(key: Buffer, uuid: Uuid, content: Buffer): Buffer {
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

function onlyMethods(allow: string): MetadataResponse {
  return { ...refuse(405, `only ${allow}`), allow };
}

function refuse(status: number, body: string): MetadataResponse {
  return { status, type: 'text/plain; charset=us-ascii', body };
}
