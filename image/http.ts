import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestInit, Response } from 'node-fetch';
import type { Agents } from './http/agents.ts';
import { BodyError, limitedBody, readBody } from './http/body.ts';
import { ConnectionError } from './http/connection-error.ts';
import { isRedirect, MAX_REDIRECTS, nextHop, RedirectError } from './http/redirect.ts';
import { isPassingFailure, isPassingStatus, MAX_RETRIES, retryDelay } from './http/retry.ts';
import { takeUserInfo } from './http/url.ts';

export interface HttpOptions {
  /** `tsrkt/VERSION`. */
  readonly userAgent: string;
  /** Whether certificates go unchecked (`--insecure-options=tls`). */
  readonly insecureTls?: boolean;
  /** Whether a redirect may lead from https to http (`--insecure-options=http`). */
  readonly allowHttp?: boolean;
  /** Where proxies and certificate files are named. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until an answer must have begun (default 30 s). */
  readonly answerMs?: number;
  /** Milliseconds a body may stay silent (default 60 s). */
  readonly idleMs?: number;
  readonly retries?: number;
  readonly signal?: AbortSignal;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Value of the Authorization header. It is sent to the origin of `url` and nowhere else. */
  readonly authorization?: string;
  /** What to send; a function is called anew for each attempt. */
  readonly body?: Buffer | (() => AsyncIterable<Buffer>);
  /** The most bytes of a body to take (default 4 MiB). */
  readonly maxBytes?: number;
  readonly answerMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** The bytes as served, never decompressed. Read it to the end, or call `discard`. */
  readonly body: AsyncIterable<Buffer>;
  discard(): Promise<void>;
}

/** Sends requests; disposing of it closes its connections. */
export interface Http extends Disposable {
  readonly allowHttp: boolean;
  request(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * A client for everything tsrkt fetches: at most five redirects, never from https to http, credentials only to the origin
 * they are for, certificates checked, proxies from the environment, repetition of what may pass, and every time and size bounded.
 */
export function openHttp(options: HttpOptions): Http {
  let agents: Promise<Agents> | undefined;
  // node:https takes tens of milliseconds to load, and most commands fetch nothing.
  const openAgents = async () => {
    const { openAgents } = await import('./http/agents.ts');
    return openAgents({ insecureTls: options.insecureTls ?? false, env: options.env ?? process.env });
  };
  return {
    allowHttp: options.allowHttp ?? false,
    request: async (request) => {
      agents ??= openAgents();
      return followRedirects(request, options, await agents);
    },
    [Symbol.dispose]: () => void agents?.then((opened) => opened[Symbol.dispose]()),
  };
}

async function followRedirects(
  request: HttpRequest,
  options: HttpOptions,
  agents: Agents,
): Promise<HttpResponse> {
  const { url, authorization = request.authorization } = takeUserInfo(request.url);
  let hop: HttpRequest = { ...request, url, ...(authorization === undefined ? {} : { authorization }) };
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await sendPatiently(hop, options, agents);
    if (!isRedirect(response.status)) return response;
    await response.discard();
    hop = redirected(hop, response, options.allowHttp ?? false);
  }
  throw new RedirectError(request.url, `more than ${MAX_REDIRECTS} of them`);
}

function redirected(hop: HttpRequest, { status, headers }: HttpResponse, allowHttp: boolean): HttpRequest {
  const { url, keepsCredentials } = nextHop(hop.url, headers.get('location'), allowHttp);
  if (hop.body !== undefined && !(keepsCredentials && status >= 307))
    throw new RedirectError(hop.url, 'what was sent is not sent anywhere else');
  return keepsCredentials ? { ...hop, url } : withoutCredentials({ ...hop, url });
}

function withoutCredentials({ authorization: _, ...request }: HttpRequest): HttpRequest {
  return request;
}

async function sendPatiently(
  request: HttpRequest,
  options: HttpOptions,
  agents: Agents,
): Promise<HttpResponse> {
  const retries = options.retries ?? MAX_RETRIES;
  const agent = agents.agentFor(request.url);
  for (let attempt = 0; attempt < retries; attempt++) {
    const response = await sendOnce(request, options, agent);
    if (response !== undefined && !isPassingStatus(response.status)) return response;
    const retryAfter = response?.headers.get('retry-after') ?? null;
    await response?.discard();
    await pause(retryDelay(attempt, retryAfter, Date.now(), Math.random()), options.signal);
  }
  return send(request, options, agent);
}

/** The answer, or undefined when the connection failed in a way that may pass. */
async function sendOnce(
  request: HttpRequest,
  options: HttpOptions,
  agent: Agent,
): Promise<HttpResponse | undefined> {
  try {
    return await send(request, options, agent);
  } catch (error) {
    if (isPassingFailure(error)) return undefined;
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}

async function send(request: HttpRequest, options: HttpOptions, agent: Agent): Promise<HttpResponse> {
  // By its file name: under the name "node-fetch" Bun substitutes a module of its own, which ignores agents.
  const { default: fetch } = await import('node-fetch/src/index.js');
  options.signal?.throwIfAborted();
  const controller = new AbortController();
  const answerMs = request.answerMs ?? options.answerMs ?? 30_000;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, answerMs);
  try {
    const response = await fetch(
      request.url.href,
      await fetchOptions(request, options, agent, controller.signal),
    );
    return wrapResponse(response, request, options, () => controller.abort());
  } catch (error) {
    options.signal?.throwIfAborted();
    if (late) throw new BodyError('ERR_HTTP_TIMEOUT', request.url, `no answer for ${answerMs / 1000} s`);
    throw new ConnectionError(request.url, error);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchOptions(
  request: HttpRequest,
  { userAgent, signal }: HttpOptions,
  agent: Agent,
  own: AbortSignal,
): Promise<RequestInit> {
  return {
    method: request.method ?? 'GET',
    headers: requestHeaders(request, userAgent),
    ...(request.body === undefined ? {} : { body: await bodyToSend(request.body) }),
    agent,
    signal: signal === undefined ? own : AbortSignal.any([own, signal]),
    redirect: 'manual',
    compress: false,
  };
}

function requestHeaders(request: HttpRequest, userAgent: string): Record<string, string> {
  return {
    'user-agent': userAgent,
    'accept-encoding': 'identity',
    ...request.headers,
    ...(request.authorization === undefined ? {} : { authorization: request.authorization }),
  };
}

async function bodyToSend(body: Buffer | (() => AsyncIterable<Buffer>)): Promise<Buffer | Readable> {
  if (Buffer.isBuffer(body)) return body;
  const { Readable } = await import('node:stream');
  return Readable.from(body(), { objectMode: false });
}

function wrapResponse(
  response: Response,
  request: HttpRequest,
  options: HttpOptions,
  abort: () => void,
): HttpResponse {
  const source = (response.body ?? nothing()) as AsyncIterable<Buffer>;
  const limited = (maxBytes: number) =>
    limitedBody(source, { url: request.url, idleMs: options.idleMs ?? 60_000, maxBytes }, abort);
  return {
    status: response.status,
    headers: response.headers,
    url: request.url,
    body: limited(request.maxBytes ?? 4 << 20),
    discard: async () => {
      // Reading a short body to its end leaves the connection usable; what goes wrong with it is of no interest.
      await readBody(limited(64 << 10)).catch(() => undefined);
    },
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}
