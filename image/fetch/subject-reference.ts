import type { Subject } from '../../trust/judge-evidence.ts';
import { type DockerReference, dockerName } from '../reference/docker.ts';

/** A reference as signatures and policies have it. */
export function subjectReference(reference: DockerReference): NonNullable<Subject['reference']> {
  const { tag, digest } = reference;
  return {
    repository: dockerName(reference),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
