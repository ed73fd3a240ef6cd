import type { Reference } from '../reference.ts';
import { type HostPlatform, parseAppcReference } from './appc.ts';
import { parseDockerReference } from './docker.ts';
import { ImageReferenceError } from './image-reference-error.ts';
import { decodePercent } from './percent.ts';

/**
 * Reads rkt's internal "container image distribution" URIs: `cimd:appc:v=0:NAME?label=value&…`,
 * `cimd:aci-archive:v=0:ESCAPED_URL`, `cimd:docker:v=0:REFERENCE`. `parseUrl` reads the URL of an archive.
 */
export function parseCimd(
  text: string,
  parseUrl: (text: string) => Reference,
  host: HostPlatform,
): Reference {
  const [, type, version, rest = ''] = /^cimd:([a-z-]+):v=(\d+):(.*)$/s.exec(text) ?? [];
  if (type === undefined) throw new ImageReferenceError(text, 'invalid distribution URI');
  if (version !== '0')
    throw new ImageReferenceError(text, `unsupported version ${version} of its distribution type`);
  if (type === 'appc') return parseAppcReference(rest.replace('?', ',').replaceAll('&', ','), host);
  if (type === 'aci-archive') return parseArchive(text, rest, parseUrl);
  if (type === 'docker') return parseDockerReference(rest);
  throw new ImageReferenceError(text, `unknown distribution type "${type}"`);
}

function parseArchive(text: string, escaped: string, parseUrl: (text: string) => Reference): Reference {
  const url = decodePercent(escaped);
  if (url === undefined || !/^(file|https?):/i.test(url))
    throw new ImageReferenceError(text, 'it holds no escaped file, http or https URL');
  return parseUrl(url);
}
