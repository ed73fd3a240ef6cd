import { array, defaulted, object, optional, string } from '../../schema/decode.ts';
import { DecodeError, show } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { readBody } from '../http/body.ts';
import { printableUrl } from '../http/url.ts';
import type { HttpResponse } from '../http.ts';

const CODES: Readonly<Record<number, string>> = {
  401: 'ERR_REGISTRY_UNAUTHORIZED',
  403: 'ERR_REGISTRY_UNAUTHORIZED',
  404: 'ERR_REGISTRY_NOT_FOUND',
  429: 'ERR_REGISTRY_LIMIT',
};

/** A registry that refuses. `status` is its HTTP status; 401 and 403, 404 and 429 have codes of their own. */
export class RegistryError extends Error {
  readonly code: string;
  readonly status: number;
  readonly hint?: string;
  constructor(what: string, url: URL, status: number, details: string) {
    super(`${what} ${printableUrl(url)}: ${details === '' ? `bad HTTP status code: ${status}` : details}`);
    this.name = 'RegistryError';
    this.code = CODES[status] ?? 'ERR_REGISTRY';
    this.status = status;
    if (this.code === 'ERR_REGISTRY_UNAUTHORIZED')
      this.hint = 'check the name, and the credentials for this registry in auth.d or ~/.docker/config.json';
  }
}

const errorDocument = object({
  errors: defaulted(array(object({ code: optional(string), message: optional(string) })), []),
});

/** The error an unwanted answer stands for, with what the registry says about it made safe to print. */
export async function registryError(what: string, response: HttpResponse): Promise<RegistryError> {
  return new RegistryError(what, response.url, response.status, await details(response));
}

async function details(response: HttpResponse): Promise<string> {
  try {
    const { errors } = decodeJson(await readBody(response.body), errorDocument, { what: 'errors' });
    return errors
      .slice(0, 3)
      .map(({ code = 'UNKNOWN', message = '' }) => `${show(code).slice(1, -1)} ${show(message)}`)
      .join(', ');
  } catch (error) {
    if (error instanceof DecodeError || (error instanceof Error && 'code' in error)) return '';
    throw error;
  }
}
