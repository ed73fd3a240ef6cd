import { closeSync, openSync } from 'node:fs';
import type { Uuid } from '../../schema/uuid.ts';
import { openRunningApp } from '../enter/running-app.ts';
import { becomeRoot } from '../rootless/become-root.ts';

/**
 * Starts this command again as root of the user namespace that an ordinary user's pod runs in, for its files belong to users
 * that are nobody elsewhere. Returns at once for root, whose they are anyway.
 */
export async function becomeRootOfPod(
  dataDirectory: string,
  uuid: Uuid,
  app: string | undefined,
): Promise<void> {
  if (process.geteuid?.() === 0) return;
  using running = await openRunningApp(dataDirectory, uuid, app);
  const namespace = openSync(`/proc/${running.supervisor}/ns/user`, 'r');
  becomeRoot(namespace);
  closeSync(namespace);
}
