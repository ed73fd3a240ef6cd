import { CAPABILITIES } from '../../linux/capability.ts';
import { SECCOMP_FILTER_FLAG, SECCOMP_SET_MODE_FILTER, SOCK_FILTER_SIZE } from '../../linux/seccomp.ts';
import type { Process } from '../../schema/runtime-config.ts';
import { flags, type Step, struct, structOf } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { shown } from './args.ts';

/**
 * Loads a filter: the last step before execve(2), so that a profile need not allow anything of ours but that. (runc loads
 * it before it changes ids and capabilities, and every profile must allow these calls.)
 */
export function loadFilter({ program, flags: names }: SeccompFilter): Step {
  const length = program.length / SOCK_FILTER_SIZE;
  const filter = struct(program, `[${length} instructions]`);
  return {
    call: 'seccomp',
    args: [
      shown(SECCOMP_SET_MODE_FILTER, 'SECCOMP_SET_MODE_FILTER'),
      flags(SECCOMP_FILTER_FLAG, ...names),
      structOf([length, filter], `{len=${length}, filter=[…]}`), // struct sock_fprog: len at 0, filter at 8
    ],
    what: 'load the seccomp filter',
  };
}

/**
 * A process as it is until it is executed, where something is left to do that wants CAP_SYS_ADMIN: seccomp(2) wants that or
 * no_new_privs, and a filter must not force no_new_privs on an app; so does clone3(2) with a pid to have. execve(2) takes
 * the capability away again: what it leaves root is the bounding set, what it leaves others the ambient set
 * (capabilities(7)), and both are the app's own already.
 */
export function untilExecuted(process: Process): Process {
  const { capabilities, user } = process;
  if (capabilities === undefined && user.uid === 0) return process;
  const { effective = [], permitted = [], ...rest } = capabilities ?? { bounding: CAPABILITIES };
  const withAdmin = (set: readonly string[]) => [...new Set([...set, 'CAP_SYS_ADMIN'])];
  return {
    ...process,
    capabilities: { ...rest, effective: withAdmin(effective), permitted: withAdmin(permitted) },
  };
}
