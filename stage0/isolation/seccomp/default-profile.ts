import { constants } from 'node:os';
import { CLONE } from '../../../linux/namespace.ts';
import type { SeccompArg, SeccompSyscall } from '../../../schema/runtime-config.ts';
import { CALLS_OF_ARCHITECTURE, CALLS_OF_CAPABILITY, DEFAULT_CALLS } from './default-calls.ts';
import type { SeccompFacts } from './facts.ts';

const { ENOSYS, EPERM } = constants.errno;

/**
 * The rules of the default profile: Docker's current one with its argument filters, stricter in one thing (socketcall, see
 * default-calls.ts); a retained `socketcall` gives 32-bit programs their network back. `errno` is what other calls fail with:
 * a rule with the same would be left out, and libseccomp's own, which lets socketcall make sockets, would stay.
 */
export function defaultRules(facts: SeccompFacts, errno: number): readonly SeccompSyscall[] {
  const isAdmin = facts.capabilities.includes('CAP_SYS_ADMIN');
  return [
    allow(defaultCalls(facts)),
    ...SOCKET_FAMILIES.map((family) => allow(['socket'], family)),
    ...PERSONALITIES.map((value) => allow(['personality'], equal(value))),
    ...(isAdmin ? [] : [allow(['clone'], masked(NEW_NAMESPACES, 0n)), absent('clone3')]),
    absent('socketcall', errno === ENOSYS ? EPERM : ENOSYS),
  ];
}

/** The calls that are allowed whatever their arguments. */
function defaultCalls({ capabilities, architecture }: SeccompFacts): readonly string[] {
  return [
    ...DEFAULT_CALLS,
    ...(CALLS_OF_ARCHITECTURE[architecture] ?? []),
    ...capabilities.flatMap((name) => CALLS_OF_CAPABILITY[name] ?? []),
  ];
}

/**
 * sys/socket.h: every family but AF_ALG (38, CVE-2026-31431), AF_VSOCK (40, the way to a virtual machine's host) and some
 * that are only history. What is allowed is listed and not what is denied, since a filter compares 64 bits and socket(2)
 * looks at 32: 0x100000026 is AF_ALG, too, and not equal to 38.
 */
const SOCKET_FAMILIES: readonly SeccompArg[] = [
  { index: 0, op: 'SCMP_CMP_LT', value: 12n, valueTwo: 0n },
  ...[13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44, 45].map(
    (family) => equal(BigInt(family)),
  ),
];

/** linux/personality.h: PER_LINUX, PER_LINUX32, both with UNAME26, and a query. */
const PERSONALITIES = [0n, 0x8n, 0x20000n, 0x20008n, 0xffff_ffffn];

/** Flags of clone(2) for which an app would need CAP_SYS_ADMIN, and CLONE_NEWUSER, which gives it. */
const NEW_NAMESPACES = BigInt(
  CLONE.CLONE_NEWNS +
    CLONE.CLONE_NEWCGROUP +
    CLONE.CLONE_NEWUTS +
    CLONE.CLONE_NEWIPC +
    CLONE.CLONE_NEWUSER +
    CLONE.CLONE_NEWPID +
    CLONE.CLONE_NEWNET,
);

/** Rules that allow calls, on conditions that must all hold. */
export function allow(names: readonly string[], ...args: readonly SeccompArg[]): SeccompSyscall {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length === 0 ? {} : { args }) };
}

/** As if the kernel had no such call. From clone3, whose flags are in memory, C libraries then fall back to clone. */
export function absent(name: string, errno = ENOSYS): SeccompSyscall {
  return { names: [name], action: 'SCMP_ACT_ERRNO', errnoRet: errno };
}

export function masked(mask: bigint, value: bigint): SeccompArg {
  return { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: mask, valueTwo: value };
}

function equal(value: bigint): SeccompArg {
  return { index: 0, op: 'SCMP_CMP_EQ', value, valueTwo: 0n };
}
