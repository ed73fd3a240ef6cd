import { closeSync } from 'node:fs';
import { syscall } from './call.ts';
import { hasCode } from './system-error.ts';
import { words } from './words.ts';

/** linux/landlock.h */
const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1;

/** The ABI from which on scopes exist (Linux 6.12). */
const ABI_WITH_SCOPES = 6;

/** The version of Landlock this kernel has switched on; 0: none. */
export function landlockAbi(): number {
  try {
    return syscall('landlock_create_ruleset', [0, 0, LANDLOCK_CREATE_RULESET_VERSION]);
  } catch (error) {
    if (hasCode(error, 'ENOSYS', 'EOPNOTSUPP')) return 0;
    throw error;
  }
}

/**
 * From now on the calling thread and what it starts reach no abstract UNIX socket but their own: not those of the host, to
 * which a shared network namespace is an open door (CVE-2020-15257). Files, networks and mounts are as before. Needs
 * CAP_SYS_ADMIN or no_new_privs. false: this kernel cannot.
 */
export function scopeAbstractSockets(): boolean {
  if (landlockAbi() < ABI_WITH_SCOPES) return false;
  // struct landlock_ruleset_attr: handled_access_fs at 0, handled_access_net at 8, scoped at 16
  const attributes = words([0, 0, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET]);
  const what = 'shut off abstract sockets';
  const ruleset = syscall('landlock_create_ruleset', [attributes, attributes.length, 0], what);
  try {
    syscall('landlock_restrict_self', [ruleset, 0], what);
  } finally {
    closeSync(ruleset);
  }
  return true;
}
