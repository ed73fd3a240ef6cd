import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { isUuid } from '../../schema/uuid.ts';
import { type Registry, registration } from './registry.ts';
import type { MetadataRequest, MetadataResponse } from './respond.ts';

/** What the registration socket answers: `PUT /pods/UUID` registers a pod, `DELETE /pods/UUID` forgets it. */
export function respondToRegistration(
  registry: Registry,
  port: number,
  { method, path, body }: MetadataRequest,
): MetadataResponse {
  const [, uuid = ''] = /^\/pods\/([^/]+)$/.exec(path) ?? [];
  if (!isUuid(uuid)) return answer(404, 'not found');
  if (method === 'DELETE') {
    registry.remove(uuid);
    return answer(200, '');
  }
  if (method !== 'PUT') return { ...answer(405, 'only PUT and DELETE'), allow: 'PUT, DELETE' };
  try {
    registry.add({ uuid, ...decodeJson(body, registration, { what: 'registration' }) }, body);
    return answer(200, String(port));
  } catch (error) {
    if (error instanceof DecodeError) return answer(400, error.message);
    if (isExpected(error)) return answer(500, error.message); // such as ENOSPC
    throw error;
  }
}

function isExpected(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

function answer(status: number, body: string): MetadataResponse {
  return { status, type: 'text/plain; charset=us-ascii', body };
}
