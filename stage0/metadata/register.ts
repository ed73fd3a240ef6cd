import { hasCode } from '../../linux/system-error.ts';
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
  if (method !== 'PUT') return answer(405, 'only PUT and DELETE');
  try {
    registry.add({ uuid, ...decodeJson(body, registration, { what: 'registration' }) });
    return answer(200, String(port));
  } catch (error) {
    if (error instanceof DecodeError || hasCode(error, 'ERR_DECODE')) return answer(400, String(error));
    throw error;
  }
}

function answer(status: number, body: string): MetadataResponse {
  return { status, type: 'text/plain; charset=us-ascii', body };
}
