/** linux/capability.h: the capabilities in the order of their numbers. */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

const LINUX_CAPABILITY_VERSION_3 = 0x20080522;

export interface CapabilitySets {
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
}

/** struct __user_cap_header_struct for the calling thread: version at 0, pid at 4. */
export function capabilityHeader(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(LINUX_CAPABILITY_VERSION_3, 0);
  return bytes;
}

/** Two struct __user_cap_data_struct, low and high word: effective at 0 and 12, permitted at 4 and 16, inheritable at 8 and 20. */
export function capabilityData({ effective, permitted, inheritable }: CapabilitySets): Buffer {
  const bytes = Buffer.alloc(24);
  [effective, permitted, inheritable].forEach((names, i) => {
    const mask = capabilityMask(names);
    bytes.writeUInt32LE(Number(mask & 0xffffffffn), 4 * i);
    bytes.writeUInt32LE(Number(mask >> 32n), 12 + 4 * i);
  });
  return bytes;
}

/** The bits of these capabilities; a name this kernel's header does not know contributes none. */
export function capabilityMask(names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | bit(CAPABILITIES.indexOf(name as Capability)), 0n);
}

function bit(number: number): bigint {
  return number < 0 ? 0n : 1n << BigInt(number);
}
