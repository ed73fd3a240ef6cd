import { constants } from 'node:os';
import { CAPABILITIES, type Capability, capabilityData, capabilityHeader } from '../../linux/capability.ts';
import { PR, PR_CAP_AMBIENT } from '../../linux/prctl.ts';
import { rlimit64, rlimitNumber } from '../../linux/rlimit.ts';
import type { Process } from '../../schema/runtime-config.ts';
import { flags, type Step, struct } from '../program/step.ts';
import { octal } from './args.ts';
import { writeFile } from './stdio.ts';

const { EINVAL } = constants.errno;

/**
 * Becomes the app's user with the app's capabilities. The order is the kernel's: the bounding set shrinks while
 * CAP_SETPCAP is there, ids change while CAP_SETUID is, and capabilities survive that change only with KEEPCAPS. Where groups cannot be set (a user namespace of one
 * id) the app keeps those of the caller.
 */
export function dropPrivileges(process: Process, canSetGroups = true): readonly Step[] {
  const capabilities = process.capabilities;
  return [
    ...(capabilities ? dropBounding(capabilities.bounding ?? []) : []),
    prctl('PR_SET_KEEPCAPS', 1, 'keep capabilities'),
    ...becomeUser(process, canSetGroups),
    ...(capabilities ? setCapabilities(capabilities) : []),
    prctl('PR_SET_KEEPCAPS', 0, 'keep capabilities'),
    ...(process.noNewPrivileges ? [prctl('PR_SET_NO_NEW_PRIVS', 1, 'set no_new_privs')] : []),
  ];
}

/** EINVAL: this kernel is older than the capability. */
function dropBounding(kept: readonly string[]): readonly Step[] {
  return CAPABILITIES.flatMap((capability, number) =>
    kept.includes(capability)
      ? []
      : [
          {
            call: 'prctl',
            args: [flags(PR, 'PR_CAPBSET_DROP'), { value: number, shown: capability }, 0, 0, 0],
            tolerate: EINVAL,
            what: `drop ${capability}`,
          },
        ],
  );
}

function becomeUser({ user }: Process, canSetGroups: boolean): readonly Step[] {
  const { uid, gid, additionalGids = [], umask } = user;
  const groups = Buffer.from(Uint32Array.from(additionalGids).buffer);
  const setgroups = [additionalGids.length, struct(groups, `[${additionalGids.join(', ')}]`)];
  return [
    { call: 'setresgid', args: [gid, gid, gid], what: `become group ${gid}` },
    ...(canSetGroups
      ? [{ call: 'setgroups', args: setgroups, what: 'set supplementary groups' } as const]
      : []),
    { call: 'setresuid', args: [uid, uid, uid], what: `become user ${uid}` },
    { call: 'umask', args: [octal(umask ?? 0o022)] },
  ];
}

type Sets = NonNullable<Process['capabilities']>;

function setCapabilities({
  effective = [],
  permitted = [],
  inheritable = [],
  ambient = [],
}: Sets): readonly Step[] {
  const data = struct(
    capabilityData({ effective, permitted, inheritable }),
    `{effective=${show(effective)}, permitted=${show(permitted)}, inheritable=${show(inheritable)}}`,
  );
  const header = struct(capabilityHeader(), '{_LINUX_CAPABILITY_VERSION_3, 0}');
  return [
    { call: 'capset', args: [header, data], what: 'set capabilities' },
    ambientStep('PR_CAP_AMBIENT_CLEAR_ALL', 0, 'none'),
    ...ambient.map((name) =>
      ambientStep('PR_CAP_AMBIENT_RAISE', CAPABILITIES.indexOf(name as Capability), name),
    ),
  ];
}

function show(names: readonly string[]): string {
  return names.join('|') || '0';
}

function ambientStep(how: keyof typeof PR_CAP_AMBIENT, value: number, shown: string): Step {
  const args = [flags(PR, 'PR_CAP_AMBIENT'), flags(PR_CAP_AMBIENT, how), { value, shown }, 0, 0];
  return { call: 'prctl', args, what: `set ambient capability ${shown}` };
}

function prctl(option: keyof typeof PR, value: number, what: string): Step {
  return { call: 'prctl', args: [flags(PR, option), value, 0, 0, 0], what };
}

/** Resource limits of the process; needs CAP_SYS_RESOURCE where a hard limit grows. */
export function setRlimits({ rlimits = [] }: Process): readonly Step[] {
  return rlimits.flatMap(({ type, soft, hard }) => {
    const number = rlimitNumber(type);
    if (number === undefined) return [];
    const limit = struct(rlimit64(BigInt(soft), BigInt(hard)), `{${soft}, ${hard}}`);
    return [{ call: 'prlimit64', args: [0, { value: number, shown: type }, limit, 0], what: `set ${type}` }];
  });
}

/** How early the process is killed for lack of memory, by way of the /proc in view. */
export function setOomScore({ oomScoreAdj }: Process): readonly Step[] {
  if (oomScoreAdj === undefined) return [];
  return writeFile('/proc/self/oom_score_adj', `${oomScoreAdj}`, 'set oom_score_adj');
}
