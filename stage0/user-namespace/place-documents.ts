import type { NamespaceIds } from '../../linux/user-namespace.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { RunDocuments } from '../run/documents.ts';
import { adaptToUserNamespace } from './adapt.ts';
import { appWithPrivateUsers, type PrivateUsers, sandboxWithPrivateUsers } from './private-users.ts';

/** User namespaces that have to do with a pod. */
export interface UserNamespaces {
  /** The pod's own. */
  readonly privateUsers: PrivateUsers | undefined;
  /** The one we are in, where that is not the first. */
  readonly ids: NamespaceIds | undefined;
}

/** What stage1 reads, as these user namespaces want it. */
export function placeDocuments(documents: RunDocuments, { privateUsers, ids }: UserNamespaces): RunDocuments {
  const { sandbox } = documents;
  const shared = (sandbox.mounts ?? []).map(({ destination }) => destination);
  const place = (name: string, config: RuntimeConfig) => {
    const placed = ids === undefined ? config : adaptToUserNamespace(name, config, ids);
    return privateUsers === undefined ? placed : appWithPrivateUsers({ name, shared }, placed, privateUsers);
  };
  const apps = Object.entries(documents.apps).map(([name, config]) => [name, place(name, config)]);
  return {
    ...documents,
    sandbox: privateUsers === undefined ? sandbox : sandboxWithPrivateUsers(sandbox, privateUsers),
    apps: Object.fromEntries(apps),
  };
}
