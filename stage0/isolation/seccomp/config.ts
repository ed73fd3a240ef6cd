import { constants } from 'node:os';
import { CLONE } from '../../../linux/namespace.ts';
import type { Seccomp, SeccompSyscall } from '../../../schema/runtime-config.ts';
import { absent, allow, defaultRules, masked } from './default-profile.ts';
import type { SeccompFacts } from './facts.ts';
import { resolveSet, SeccompSetError, systemdGroup } from './sets.ts';

/** Which system calls an app asks for: the default profile, no others than these, all but these, or no filter at all. */
export type SeccompChoice =
  | { readonly kind: 'default' }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'retain' | 'remove';
      readonly set: readonly string[];
      /** The name of what a denied call fails with; EPERM unless given. */
      readonly errno?: string;
    };

/** The runtime-spec `linux.seccomp` of a choice; undefined: no filter. Denied calls fail, they do not kill. */
export function seccompConfig(choice: SeccompChoice, facts: SeccompFacts): Seccomp | undefined {
  if (choice.kind === 'all') return undefined;
  if (choice.kind === 'default') return whitelist(defaultRules(facts, EPERM), facts, EPERM);
  const { everything, defaults, names } = resolveSet(choice.set);
  const errno = errnoNumber(choice.errno);
  if (choice.kind === 'retain' && everything) return undefined;
  // as rkt: whoever names nothing gets the default
  if (names.size === 0) return whitelist(defaultRules(facts, errno), facts, errno);
  if (choice.kind === 'remove') return blacklist(names, facts, errno);
  return whitelist(retainRules(names, defaults ? defaultRules(facts, errno) : []), facts, errno);
}

const { EPERM } = constants.errno;

function whitelist(syscalls: readonly SeccompSyscall[], facts: SeccompFacts, errno: number): Seccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: errno,
    architectures: architectures(facts),
    syscalls,
  };
}

/**
 * Names are retained without conditions, also where a default whitelist beside them has some. With them systemd's `@default`,
 * which no program does without, execve(2) among them: under rkt it came with every whitelist.
 */
function retainRules(
  names: ReadonlySet<string>,
  defaults: readonly SeccompSyscall[],
): readonly SeccompSyscall[] {
  const all = new Set([...(systemdGroup('default') ?? []), ...names]);
  const others = defaults.flatMap((rule) => {
    const remaining = rule.names.filter((name) => !all.has(name));
    return remaining.length === 0 ? [] : [{ ...rule, names: remaining }];
  });
  return [allow([...all]), ...others];
}

/** New namespaces go with `unshare`, also by clone(2), and AF_ALG sockets with any blacklist (CVE-2026-31431). */
function blacklist(names: ReadonlySet<string>, facts: SeccompFacts, errno: number): Seccomp {
  const deny = (calls: readonly string[], ...args: NonNullable<SeccompSyscall['args']>): SeccompSyscall => ({
    names: calls,
    action: 'SCMP_ACT_ERRNO',
    errnoRet: errno,
    ...(args.length === 0 ? {} : { args }),
  });
  const has = (name: string) => names.has(name);
  const namespaces =
    has('unshare') && !has('clone') ? NAMESPACE_FLAGS.map((flag) => deny(['clone'], flag)) : [];
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: architectures(facts),
    syscalls: [
      deny([...names]),
      ...namespaces,
      ...(has('unshare') && !has('clone3') ? [absent('clone3')] : []),
      ...(has('socket') ? [] : [deny(['socket'], masked(0xffff_ffffn, AF_ALG))]),
      ...(has('socketcall') ? [] : [absent('socketcall')]),
    ],
  };
}

const AF_ALG = 38n;

const NAMESPACE_FLAGS = Object.entries(CLONE)
  .filter(([name]) => name.startsWith('CLONE_NEW') && name !== 'CLONE_NEWTIME') // 0x80 is part of clone's signal
  .map(([, flag]) => masked(BigInt(flag), BigInt(flag)));

/** The architectures a kernel may run programs of. */
function architectures({ architecture }: SeccompFacts): NonNullable<Seccomp['architectures']> {
  if (architecture === 'x64') return ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
  return architecture === 'arm64' ? ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'] : [];
}

function errnoNumber(name: string | undefined): number {
  if (!name) return EPERM;
  const errno = (constants.errno as Readonly<Record<string, number>>)[name];
  if (errno === undefined)
    throw new SeccompSetError(`filter system calls: there is no errno ${JSON.stringify(name)}`);
  return errno;
}
