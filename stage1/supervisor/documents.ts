import { rulesOf } from '../handlers/rules.ts';
import type { Rules } from './course.ts';
import { type PodDocuments, readPod } from './pod.ts';
import { shareProc } from './shared-proc.ts';

/** The documents of a pod and what follows from them, as they were when they were read last: those of a mutable pod may change while it runs. */
export interface Documents {
  readonly current: PodDocuments;
  readonly rules: Rules;
  /** Reads them anew. When that fails they are what they were. */
  reread(): void;
}

/** Reads the documents of a pod; its apps find the sandbox's proc at `proc`. */
export function openDocuments(podDirectory: string, proc: string): Documents {
  const read = () => {
    const current = shareProc(readPod(podDirectory), proc);
    return { current, rules: rulesOf(current.runtime) };
  };
  let latest = read();
  return {
    get current() {
      return latest.current;
    },
    get rules() {
      return latest.rules;
    },
    reread() {
      latest = read();
    },
  };
}
