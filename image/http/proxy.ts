import { isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy the environment names for a URL, as curl and Go read it: `https_proxy`/`http_proxy` (lower case first; upper
 * case `HTTP_PROXY` is ignored under CGI, where a client's `Proxy:` header sets it), then `all_proxy`, unless `no_proxy` matches.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  if (isExempt(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  const text = url.protocol === 'https:' ? httpsProxy(env) : httpProxy(env);
  return text ? parseProxy(text) : undefined;
}

function httpsProxy(env: Environment): string | undefined {
  return env['https_proxy'] || env['HTTPS_PROXY'] || env['all_proxy'] || env['ALL_PROXY'];
}

function httpProxy(env: Environment): string | undefined {
  const upper = env['REQUEST_METHOD'] === undefined ? env['HTTP_PROXY'] : undefined;
  return env['http_proxy'] || upper || env['all_proxy'] || env['ALL_PROXY'];
}

function parseProxy(value: string): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(text)) throw new ProxyError('it is not a URL');
  const proxy = new URL(text);
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')
    throw new ProxyError(`the scheme "${proxy.protocol}" is not supported`);
  return proxy;
}

/** A proxy variable that names no usable proxy. */
export class ProxyError extends Error {
  readonly code = 'ERR_HTTP_PROXY';
  constructor(why: string) {
    super(`find the proxy the environment names: ${why}`);
    this.name = 'ProxyError';
  }
}

/** Whether `no_proxy` (a comma or blank separated list) names the URL's host; loopback is always exempt, as in Go. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)) return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (isIP(entry) !== 0) return host === entry;
  if (entryPort !== undefined && entryPort !== port) return false;
  if (isIP(host) !== 0) return isInNetwork(host, name);
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** `10.1.2.3` is in `10.0.0.0/8`, and in `10.1.2.3`. Networks of IPv6 are compared as text only. */
function isInNetwork(host: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  if (bits === undefined || isIP(host) !== 4 || isIP(base) !== 4) return host === network;
  const shift = 32 - Number(bits);
  if (!(shift >= 0 && shift <= 32)) return false;
  return Math.floor(asNumber(host) / 2 ** shift) === Math.floor(asNumber(base) / 2 ** shift);
}

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
