import { spawnSync } from 'node:child_process';

/** Why the owners of files in a directory cannot be mapped here; undefined: they can. A stage1 finds out by trying. */
export function whyNotIdmapped(stage1: string, directory: string): string | undefined {
  const { status, stderr, error } = spawnSync(stage1, ['try-idmap', directory], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim().replace(/^stage1: /, '') || `${stage1} does not know`);
}
