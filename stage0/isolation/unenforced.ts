import type { Isolator, IsolatorName } from '../../schema/isolator.ts';

/** What nothing here enforces, wherever it stands. */
const NEVER: ReadonlySet<IsolatorName> = new Set<IsolatorName>([
  'os/linux/apparmor-profile',
  'os/linux/selinux-context',
  'resource/network-bandwidth',
]);

/** What holds for a pod as a whole (appc spec, ace.md: the scope of an isolator). */
const OF_PODS: ReadonlySet<IsolatorName> = new Set<IsolatorName>([
  'os/linux/cpu-shares',
  'os/unix/sysctl',
  'resource/block-bandwidth',
  'resource/block-iops',
  'resource/cpu',
  'resource/memory',
]);

/** The isolators of an app that have no effect, a sentence each (appc: which are ignored "MUST be made available"). */
export function unenforcedOfApp(app: string, isolators: readonly Isolator[]): readonly string[] {
  const ignored = isolators.filter(({ name }) => NEVER.has(name));
  return names(ignored).map(
    (name) => `app ${JSON.stringify(app)}: isolator ${name} is not supported and has no effect`,
  );
}

/** The same of a pod's own isolators. */
export function unenforcedOfPod(isolators: readonly Isolator[]): readonly string[] {
  const ignored = isolators.filter(({ name }) => NEVER.has(name) || !OF_PODS.has(name));
  return names(ignored).map((name) =>
    NEVER.has(name)
      ? `the pod: isolator ${name} is not supported and has no effect`
      : `the pod: isolator ${name} is for apps and has no effect on a pod`,
  );
}

function names(isolators: readonly Isolator[]): readonly IsolatorName[] {
  return [...new Set(isolators.map(({ name }) => name))];
}
