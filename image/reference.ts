import { type ImageIdPrefix, imageIdPrefix } from '../schema/image-id.ts';
import { type AppcReference, type HostPlatform, parseAppcReference } from './reference/appc.ts';
import { parseCimd } from './reference/cimd.ts';
import { type DockerReference, parseDockerReference } from './reference/docker.ts';
import { guessesFile } from './reference/guess.ts';
import { ImageReferenceError } from './reference/image-reference-error.ts';
import { decodePercent } from './reference/percent.ts';

/** What a user may name an image by. */
export type Reference =
  /** The beginning of the ID of an image in the store. */
  | { readonly kind: 'hash'; readonly prefix: ImageIdPrefix }
  /** An ACI on this machine. */
  | { readonly kind: 'file'; readonly path: string }
  /** An ACI on a server: `http:` or `https:`, path ending in `.aci`. */
  | { readonly kind: 'url'; readonly url: URL }
  | AppcReference
  | DockerReference
  /** An OCI image layout: a directory, or a tar or zip of one; `tag` picks one of several images. */
  | { readonly kind: 'oci' | 'oci-archive'; readonly path: string; readonly tag?: string }
  /** What `docker save` writes; `image` (as in `RepoTags`) picks one of several. */
  | { readonly kind: 'docker-archive'; readonly path: string; readonly image?: string }
  /** A plain tar of a root file system, as `docker export` writes, or a directory holding one. */
  | { readonly kind: 'docker-export' | 'rootfs'; readonly path: string };

export interface ReferenceContext {
  /** Whether `path` is an existing regular file. */
  isFile(path: string): boolean;
  /** Fills the labels `os` and `arch` of a name that lacks them. */
  readonly host: HostPlatform;
}

/** Reads an image reference (in the order rkt tried its kinds); throws ImageReferenceError. */
export function parseReference(text: string, context: ReferenceContext): Reference {
  if (/^sha(?:512-|256[-:])[^-/:]*$/.test(text)) return { kind: 'hash', prefix: parseHash(text) };
  const [, scheme, rest = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) {
    const isPath = guessesFile(text, context.isFile);
    return isPath ? { kind: 'file', path: text } : parseAppcReference(text, context.host);
  }
  return parseWithScheme(scheme.toLowerCase(), rest, text, context);
}

function parseWithScheme(scheme: string, rest: string, text: string, context: ReferenceContext): Reference {
  switch (scheme) {
    case 'file':
    case 'http':
    case 'https':
      return parseAciUrl(text);
    case 'docker':
      return parseDockerReference(rest.replace(/^\/\//, ''));
    case 'oci':
    case 'oci-archive':
      return withTag(scheme, rest, text);
    case 'docker-archive':
      return withImage(rest, text);
    case 'docker-export':
    case 'rootfs':
      return { kind: scheme, path: pathOf(rest, text) };
    case 'cimd':
      return parseCimd(text, (inner) => parseReference(inner, context), context.host);
    default: // `my-app:v1.0` only looks like a URL
      return parseAppcReference(text, context.host);
  }
}

/** Of an OCI image also as registries write it: `sha256:`. */
function parseHash(text: string): ImageIdPrefix {
  if (text.length < 'sha512-'.length + 2) throw new ImageReferenceError(text, 'image ID too short');
  try {
    return imageIdPrefix(text.replace(':', '-'));
  } catch {
    const problem = 'an image ID is sha512- and at most 128, or sha256- and at most 64 lower-case hex digits';
    throw new ImageReferenceError(text, problem);
  }
}

function parseAciUrl(text: string): Reference {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !url.pathname.endsWith('.aci'))
    throw new ImageReferenceError(text, 'invalid image string: the path of a URL must end in .aci');
  if (url.protocol !== 'file:') return { kind: 'url', url };
  if (url.host !== '') throw new ImageReferenceError(text, 'a file URL names no host');
  return { kind: 'file', path: decodePath(url.pathname, text) };
}

function decodePath(pathname: string, text: string): string {
  const path = decodePercent(pathname);
  if (path === undefined || path.includes('\0'))
    throw new ImageReferenceError(text, 'the path cannot be decoded');
  return path;
}

function withTag(kind: 'oci' | 'oci-archive', rest: string, text: string): Reference {
  const [path, tag] = splitAtColon(rest, text);
  return tag === undefined ? { kind, path } : { kind, path, tag };
}

function withImage(rest: string, text: string): Reference {
  const [path, image] = splitAtColon(rest, text);
  return image === undefined ? { kind: 'docker-archive', path } : { kind: 'docker-archive', path, image };
}

/** `PATH[:NAME]`, split at the first colon as skopeo does: the name may hold more of them, the path none. */
function splitAtColon(rest: string, text: string): [path: string, name?: string] {
  const colon = rest.indexOf(':');
  if (colon < 0) return [pathOf(rest, text)];
  const name = rest.slice(colon + 1);
  if (name === '') throw new ImageReferenceError(text, 'the name after the colon is empty');
  return [pathOf(rest.slice(0, colon), text), name];
}

function pathOf(path: string, text: string): string {
  if (path === '' || path.includes('\0')) throw new ImageReferenceError(text, 'it names no path');
  return path;
}
