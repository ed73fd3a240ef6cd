/** A Docker reference: a repository with its registry in front, and a tag, a digest, both or neither. */
export interface DockerReference {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const grammar =
  /^([A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(\w[\w.-]{0,127}))?(?:@(sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})))?$/;

/** Reads a reference, with Docker's abbreviations written out (`alpine` is `docker.io/library/alpine`); undefined if it is none. */
export function parseDockerReference(text: string): DockerReference | undefined {
  if (text.length > 512) return undefined;
  const match = grammar.exec(withRegistry(text));
  if (match === null) return undefined;
  const [, repository, tag, digest] = match;
  return {
    repository: String(repository),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Docker's rule: what stands before the first slash is a registry if it has a dot or colon or is `localhost`. */
function withRegistry(text: string): string {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  if (!/[.:]/.test(first) && first !== 'localhost')
    return `docker.io/${slash === -1 ? 'library/' : ''}${text}`;
  const isShortHub = /^(index\.)?docker\.io$/.test(first);
  const rest = text.slice(slash + 1);
  return isShortHub ? `docker.io/${rest.includes('/') ? '' : 'library/'}${rest}` : text;
}

export function formatDockerReference({ repository, tag, digest }: DockerReference): string {
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
