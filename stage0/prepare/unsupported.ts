import type { IsolatorName } from '../../schema/isolator.ts';
import type { RuntimeApp } from '../../schema/pod-manifest.ts';

const SUPPORTED: ReadonlySet<IsolatorName> = new Set<IsolatorName>([
  'os/linux/capabilities-remove-set',
  'os/linux/capabilities-retain-set',
  'os/linux/no-new-privileges',
  'os/linux/oom-score-adj',
]);

/** What an app's image asks for and does not get yet: one sentence each, for people. */
export function unsupportedParts({ name, app }: RuntimeApp): readonly string[] {
  const isolators = (app?.isolators ?? []).filter((isolator) => !SUPPORTED.has(isolator.name));
  const parts = [
    ...isolators.map((isolator) => `isolator ${isolator.name}`),
    ...(app?.eventHandlers ?? []).map((handler) => `event handler ${handler.name}`),
    ...(app?.mountPoints ?? []).map((point) => `a volume for mount point ${point.name} (${point.path})`),
  ];
  return parts.map((part) => `app ${JSON.stringify(name)}: ${part} is not supported yet and has no effect`);
}
