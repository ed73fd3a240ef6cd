import { type Infer, object, oneOf, parsed, string, union } from '../../schema/decode.ts';
import { type DockerReference, formatDockerReference, parseDockerReference } from './docker-reference.ts';

const strict = { unknown: 'reject' } as const;
const reference = parsed(parseDockerReference, 'a Docker reference such as "docker.io/library/alpine:3"');

/** Which signed reference speaks for the requested one, by the names of containers-policy.json(5). */
export const identityMatch = union('type', {
  matchExact: object({ type: oneOf('matchExact') }, strict),
  matchRepoDigestOrExact: object({ type: oneOf('matchRepoDigestOrExact') }, strict),
  matchRepository: object({ type: oneOf('matchRepository') }, strict),
  exactReference: object({ type: oneOf('exactReference'), dockerReference: reference }, strict),
  exactRepository: object({ type: oneOf('exactRepository'), dockerRepository: reference }, strict),
  remapIdentity: object({ type: oneOf('remapIdentity'), prefix: string, signedPrefix: string }, strict),
});
export type IdentityMatch = Infer<typeof identityMatch>;

/** Whether a signature for `signed` speaks for `requested`. */
export function isIdentityAccepted(
  match: IdentityMatch,
  requested: DockerReference,
  signed: DockerReference,
): boolean {
  switch (match.type) {
    case 'matchExact':
      return isExact(requested, signed);
    case 'matchRepoDigestOrExact':
      return isRepoDigestOrExact(requested, signed);
    case 'matchRepository':
      return signed.repository === requested.repository;
    case 'exactReference':
      return isExact(match.dockerReference, signed);
    case 'exactRepository':
      return signed.repository === match.dockerRepository.repository;
    case 'remapIdentity':
      return isRepoDigestOrExact({ ...requested, repository: remapped(match, requested.repository) }, signed);
  }
}

/** A reference with neither tag nor digest names no image, so it equals none. */
function isExact(requested: DockerReference, signed: DockerReference): boolean {
  return isImage(signed) && formatDockerReference(signed) === formatDockerReference(requested);
}

/** A request by digest was checked against the digest already: only the repository is left to compare. */
function isRepoDigestOrExact(requested: DockerReference, signed: DockerReference): boolean {
  if (requested.digest === undefined) return isExact(requested, signed);
  return isImage(signed) && signed.repository === requested.repository;
}

function isImage({ tag, digest }: DockerReference): boolean {
  return tag !== undefined || digest !== undefined;
}

function remapped(
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
  repository: string,
): string {
  const isWithin = repository === prefix || repository.startsWith(`${prefix}/`);
  return isWithin ? `${signedPrefix}${repository.slice(prefix.length)}` : repository;
}
