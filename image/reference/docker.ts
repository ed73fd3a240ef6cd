import { type Digest, parseDigest } from '../../schema/digest.ts';
import { ImageReferenceError } from './image-reference-error.ts';

/** An image in a registry. It has a digest, a tag, or both; where there are both the digest decides. */
export interface DockerReference {
  readonly kind: 'docker';
  /** Host and port as the user means it: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/busybox` */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** What a name without a registry, and without a namespace there, means. */
const DEFAULT_REGISTRY = 'docker.io';
const DEFAULT_NAMESPACE = 'library';

const HOST = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const REGISTRY = new RegExp(`^(?:${HOST}(?:\\.${HOST})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`);
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Reads `[REGISTRY/]NAME[:TAG][@DIGEST]` by the grammar and the defaults of Docker's references (distribution/reference). */
export function parseDockerReference(text: string): DockerReference {
  if (/^[0-9a-f]{64}$/.test(text)) throw invalid(text, 'an image ID alone names nothing in a registry');
  const [named = '', digestText] = splitOnce(text, '@');
  const { registry, rest } = splitRegistry(named);
  const [path = '', tag] = splitOnce(rest, ':');
  const repository =
    registry === DEFAULT_REGISTRY && !path.includes('/') ? `${DEFAULT_NAMESPACE}/${path}` : path;
  checkParts(text, registry, path, tag);
  if (`${registry}/${repository}`.length > 255) throw invalid(text, 'the name is longer than 255 characters');
  const digest = digestText === undefined ? undefined : parseReferenceDigest(digestText, text);
  const effectiveTag = tag ?? (digest === undefined ? 'latest' : undefined);
  return {
    kind: 'docker',
    registry,
    repository,
    ...(effectiveTag === undefined ? {} : { tag: effectiveTag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `docker.io/library/busybox`: the name policies and signatures speak of. */
export function dockerName({ registry, repository }: DockerReference): string {
  return `${registry}/${repository}`;
}

/** The whole reference, nothing left out: `docker.io/library/busybox:latest`. */
export function formatDockerReference(reference: DockerReference): string {
  const { tag, digest } = reference;
  return (
    dockerName(reference) + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
  );
}

/** The first component is a registry if it looks like a host: a dot, a port, upper case, or `localhost`. */
function splitRegistry(named: string): { registry: string; rest: string } {
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (slash < 0 || !isHost) return { registry: DEFAULT_REGISTRY, rest: named };
  const registry = first === 'index.docker.io' ? DEFAULT_REGISTRY : first;
  return { registry, rest: named.slice(slash + 1) };
}

function checkParts(text: string, registry: string, path: string, tag: string | undefined): void {
  if (!REGISTRY.test(registry)) throw invalid(text, `"${registry}" is not the name of a registry`);
  if (path !== path.toLowerCase()) throw invalid(text, 'repository name must be lowercase');
  if (!REPOSITORY.test(path)) throw invalid(text, 'invalid reference format');
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, 'invalid tag format');
}

function parseReferenceDigest(digest: string, text: string): Digest {
  try {
    return parseDigest(digest);
  } catch {
    throw invalid(text, 'invalid digest: expected sha256: or sha512: and all of its hex digits');
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(text: string, why: string): ImageReferenceError {
  return new ImageReferenceError(`docker://${text}`, why);
}
