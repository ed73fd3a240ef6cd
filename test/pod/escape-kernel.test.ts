import assert from 'node:assert/strict';
import { test } from 'node:test';
import { from, struct, text } from '../../stage1/program/step.ts';
import { hostilePod, type RunOptions, UNPROTECTED } from './escape-pod.ts';
import type { Call } from './escape-program.ts';

/** linux/sched.h, linux/if_alg.h, linux/keyctl.h */
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWNS = 0x2_0000;
const AF_ALG = 38;
const SOCK_SEQPACKET = 5;
const KEYCTL_GET_KEYRING_ID = 0;
const KEY_SPEC_SESSION_KEYRING = -3;
const SIGCHLD = 17;

/** Attacks by a system call that a container has no use for: each is one that works where nothing forbids it. */
const attacks: Readonly<Record<string, readonly Call[]>> = {
  'CVE-2022-0185: a user namespace of its own, in which it would have every capability': [
    { call: 'unshare', args: [CLONE_NEWUSER] },
  ],
  'CVE-2022-0185: the same by clone(2)': [{ call: 'clone', args: [CLONE_NEWUSER + SIGCHLD, 0, 0, 0, 0] }],
  'CVE-2022-0185: the same by clone3(2), whose flags no filter sees': [
    { call: 'clone3', args: [cloneArgs(CLONE_NEWUSER), 88] },
  ],
  'CVE-2022-0185: a file system context': [{ call: 'fsopen', args: [text('tmpfs'), 0] }],
  'a mount namespace of its own': [{ call: 'unshare', args: [CLONE_NEWNS] }],
  'CVE-2026-31431: a socket of the kernel’s cryptography': [
    { call: 'socket', args: [AF_ALG, SOCK_SEQPACKET, 0] },
  ],
  'CVE-2026-31431: the same with bits above the 32 that socket(2) looks at': [
    { call: 'socket', args: [0x1_0000_0000 + AF_ALG, SOCK_SEQPACKET, 0] },
  ],
  'CVE-2016-0728: the session keyring, which no namespace separates': [
    { call: 'keyctl', args: [KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1] },
  ],
  'a key in a keyring of the host': [
    { call: 'add_key', args: [text('user'), text('tsrkt-escape'), text('x'), 1, KEY_SPEC_SESSION_KEYRING] },
  ],
  'CVE-2014-3519 (shocker): a file of the host by its handle': [
    { call: 'open', args: [text('/etc/hostname'), 0, 0], as: 'root' },
    { call: 'open_by_handle_at', args: [from('root'), fileHandle(), 0] },
  ],
  'an eBPF map': [{ call: 'bpf', args: [0, struct(bpfArray(), '{BPF_MAP_TYPE_ARRAY}'), 128] }],
  'userfaultfd, with which races of the kernel are won': [{ call: 'userfaultfd', args: [0x80000] }],
  'io_uring, which is behind the back of every filter': [
    { call: 'io_uring_setup', args: [1, struct(Buffer.alloc(120), '{}')] },
  ],
  'a kernel of its own (kexec)': [{ call: 'kexec_load', args: [0, 0, 0, 0] }],
};

const names = Object.keys(attacks);
const programs = Object.fromEntries(names.map((name, i) => [`attack/${i}`, attacks[name] ?? []]));

const ATTACK = 'cd /attack; for a in *; do ./$a && echo $a; done; true';

/** The names of the attacks that succeed in one pod where all are tried; it is run once for all tests. */
const successes = (options?: RunOptions) => {
  let won: Promise<readonly string[]> | undefined;
  const attack = async () => {
    using pod = await hostilePod({ programs });
    const { status, stdout, stderr } = pod.run(ATTACK, options);
    assert.equal(status, 0, stderr);
    return stdout.split('\n').flatMap((line) => names[line === '' ? -1 : Number(line)] ?? []);
  };
  return () => {
    won ??= attack();
    return won;
  };
};
const protectedPod = successes();
const unprotectedPod = successes(UNPROTECTED);

for (const name of names)
  test(`root in a pod is refused: ${name}`, async () => {
    assert.ok(!(await protectedPod()).includes(name));
  });

/** Not every kernel has the others. */
const ALWAYS_REAL = /CVE-2022-0185|CVE-2016|mount namespace|key in a keyring|by its handle/;

for (const name of names.filter((each) => ALWAYS_REAL.test(each)))
  test(`it is real: where nothing is restricted, root in a pod is granted ${name}`, async () => {
    assert.ok((await unprotectedPod()).includes(name));
  });

test('CVE-2022-0185: no tool of the image gets a user namespace either, not even the second in a row', async () => {
  using pod = await hostilePod();
  const { status, stderr } = pod.run('/bin/busybox unshare -U /bin/busybox unshare -U true');
  assert.notEqual(status, 0);
  assert.match(stderr, /Operation not permitted/);
});

/** struct clone_args: flags at 0, exit_signal at 32; 88 bytes. */
function cloneArgs(flags: number) {
  const bytes = Buffer.alloc(88);
  bytes.writeBigUInt64LE(BigInt(flags));
  bytes.writeBigUInt64LE(BigInt(SIGCHLD), 32);
  return struct(bytes, '{…}');
}

/** struct file_handle of ext4's root directory: handle_bytes, handle_type FILEID_INO32_GEN, inode 2, generation 0. */
function fileHandle() {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(8, 0);
  bytes.writeInt32LE(1, 4);
  bytes.writeUInt32LE(2, 8);
  return struct(bytes, '{inode 2}');
}

/** union bpf_attr for BPF_MAP_CREATE: map_type 2, key_size, value_size, max_entries. */
function bpfArray(): Buffer {
  const bytes = Buffer.alloc(128);
  [2, 4, 4, 1].forEach((value, i) => {
    bytes.writeUInt32LE(value, 4 * i);
  });
  return bytes;
}
