import { defaulted, integer, object, optional, string } from '../../../schema/decode.ts';
import { decodeJson } from '../../../schema/json.ts';
import { readBody } from '../../http/body.ts';
import { basicAuthorization, printableUrl } from '../../http/url.ts';
import type { Http, HttpRequest } from '../../http.ts';
import type { RegistryCredentials } from './docker-config.ts';

/** A token server that is not to be used, or gives no token. */
export class TokenError extends Error {
  readonly code = 'ERR_REGISTRY_TOKEN';
  constructor(url: URL, why: string) {
    super(`get a token from ${printableUrl(url)}: ${why}`);
    this.name = 'TokenError';
  }
}

export interface TokenRequest {
  readonly realm: URL;
  readonly service?: string;
  readonly scope?: string;
  readonly credentials?: RegistryCredentials;
}

export interface Token {
  readonly value: string;
  /** Seconds for which it is good. */
  readonly lifetime: number;
}

const tokenAnswer = object({
  token: optional(string),
  access_token: optional(string),
  expires_in: defaulted(integer(0), 60),
});

/** Gets a Bearer token: with a GET (distribution spec, token authentication), or a POST where we have a refresh token. */
export async function fetchToken(http: Http, request: TokenRequest): Promise<Token> {
  const { credentials } = request;
  const isRefresh = credentials !== undefined && 'identityToken' in credentials;
  const response = await http.request(isRefresh ? refresh(request, credentials.identityToken) : get(request));
  if (response.status !== 200) {
    await response.discard();
    throw new TokenError(request.realm, `bad HTTP status code: ${response.status}`);
  }
  const what = `answer of ${printableUrl(request.realm)}`;
  const answer = decodeJson(await readBody(response.body), tokenAnswer, { what });
  const value = answer.token || answer.access_token;
  if (!value || !/^[\x21-\x7e]+$/.test(value))
    throw new TokenError(request.realm, 'the answer holds no token');
  return { value, lifetime: answer.expires_in };
}

function get({ realm, service, scope, credentials }: TokenRequest): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const each of scope?.split(' ') ?? []) url.searchParams.append('scope', each);
  if (credentials === undefined || 'identityToken' in credentials) return { url };
  url.searchParams.set('account', credentials.user);
  return { url, authorization: basicAuthorization(`${credentials.user}:${credentials.password}`) };
}

function refresh({ realm, service = '', scope = '' }: TokenRequest, token: string): HttpRequest {
  const form = { grant_type: 'refresh_token', service, scope, client_id: 'tsrkt', refresh_token: token };
  return {
    url: realm,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(form).toString()),
  };
}
