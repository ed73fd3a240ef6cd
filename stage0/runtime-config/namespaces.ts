import type { Namespace } from '../../schema/runtime-config.ts';

export interface NamespaceChoices {
  /** `--net=host`: the pod has no network namespace of its own. */
  readonly hostNetwork: boolean;
  /** `--ipc=parent`: the pod shares System V IPC and message queues with whoever started it. */
  readonly hostIpc: boolean;
}

/** The namespaces a pod's sandbox makes. */
export function sandboxNamespaces(choices: NamespaceChoices): readonly Namespace[] {
  const own: readonly Namespace[] = [{ type: 'mount' }, { type: 'cgroup' }];
  return [...shared(choices).map((type): Namespace => ({ type })), ...own];
}

/** The namespaces of an app: its pod's, and mount and cgroup of its own. */
export function appNamespaces(choices: NamespaceChoices): readonly Namespace[] {
  const joined = shared(choices).map((type): Namespace => ({ type, path: 'sandbox' }));
  return [...joined, { type: 'mount' }, { type: 'cgroup' }];
}

function shared({ hostNetwork, hostIpc }: NamespaceChoices): readonly Namespace['type'][] {
  return [
    'pid',
    ...(hostNetwork ? [] : (['network'] as const)),
    ...(hostIpc ? [] : (['ipc'] as const)),
    'uts',
  ];
}
