import { basicAuthorization, isSameOrigin } from '../../http/url.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { RegistryCredentials } from './docker-config.ts';
import type { FindCredentials } from './find-credentials.ts';
import { isSameSite } from './same-site.ts';
import { fetchToken, TokenError } from './token.ts';

export interface RegistryAccess {
  /** The registry's own origin: no other one's challenge is ever answered (CVE-2020-15157). */
  readonly origin: URL;
  /** What credentials are looked up by: `docker.io/library/busybox`. */
  readonly name: string;
  /** What a token is asked for when the challenge does not say: `repository:library/busybox:pull`. */
  readonly scope: string;
  readonly findCredentials: FindCredentials;
}

interface Grant {
  readonly authorization: string;
  /** In milliseconds since the epoch. */
  readonly expires: number;
}

/** An Http that answers the registry's challenges, and keeps what it was given for as long as it is good. */
export function authorizedHttp(http: Http, access: RegistryAccess): Http {
  let grant: Promise<Grant | undefined> = Promise.resolve(undefined);

  async function request(sent: HttpRequest): Promise<HttpResponse> {
    if (!isSameOrigin(sent.url, access.origin)) return http.request(sent);
    const used = grant;
    const response = await http.request(withGrant(sent, await used));
    if (response.status !== 401 || !isSameOrigin(response.url, access.origin)) return response;
    await response.discard();
    // Several layers may be refused at once: the first asks for a new token, the others wait for that one.
    if (grant === used) grant = answerChallenge(http, access, response.headers.get('www-authenticate') ?? '');
    return http.request(withGrant(sent, await grant));
  }

  return { allowHttp: http.allowHttp, request, [Symbol.dispose]: () => undefined };
}

function withGrant(request: HttpRequest, grant: Grant | undefined): HttpRequest {
  return grant === undefined || grant.expires < Date.now()
    ? request
    : { ...request, authorization: grant.authorization };
}

/** Bearer before Basic; undefined when there is nothing we could answer. */
async function answerChallenge(
  http: Http,
  access: RegistryAccess,
  header: string,
): Promise<Grant | undefined> {
  const challenges = parseChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer !== undefined) return bearerGrant(http, access, bearer);
  const basic = challenges.some(({ scheme }) => scheme === 'basic');
  return basic
    ? basicGrant(await credentialsFor(access.origin, access.name, access.findCredentials))
    : undefined;
}

function basicGrant(credentials: RegistryCredentials | undefined): Grant | undefined {
  if (credentials === undefined || 'identityToken' in credentials) return undefined;
  const authorization = basicAuthorization(`${credentials.user}:${credentials.password}`);
  return { authorization, expires: Number.POSITIVE_INFINITY };
}

async function bearerGrant(http: Http, access: RegistryAccess, { parameters }: Challenge): Promise<Grant> {
  const realm = checkRealm(parameters['realm'] ?? '', access.origin);
  // Where the token server belongs to somebody else, it gets what the user keeps for it, never the registry's.
  const isOurs = isSameSite(realm.hostname, access.origin.hostname);
  const credentials = await credentialsFor(realm, isOurs ? access.name : realm.host, access.findCredentials);
  const service = parameters['service'];
  const { value, lifetime } = await fetchToken(http, {
    realm,
    scope: parameters['scope'] ?? access.scope,
    ...(service === undefined ? {} : { service }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return { authorization: `Bearer ${value}`, expires: Date.now() + Math.max(lifetime - 10, 10) * 1000 };
}

/** A realm is https, or http for a registry that is on http itself. */
function checkRealm(text: string, origin: URL): URL {
  if (!URL.canParse(text)) throw new TokenError(origin, 'the realm of its challenge is not a URL');
  const realm = new URL(text);
  const isAllowed =
    realm.protocol === 'https:' || (realm.protocol === 'http:' && origin.protocol === 'http:');
  if (!isAllowed) throw new TokenError(realm, 'the realm is not on https');
  return realm;
}

/** Credentials go over https, and over http to this very machine only. */
async function credentialsFor(
  url: URL,
  name: string,
  find: FindCredentials,
): Promise<RegistryCredentials | undefined> {
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || isLocal ? find(name) : undefined;
}
