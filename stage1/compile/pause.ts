import { machineCode } from '../program/machine-code.ts';

const BASE = 0x40_0000;
const HEADERS = 64 + 56;

/**
 * The pod's first process as a static ELF executable (elf(5)): one loadable segment, the code right behind the headers.
 * It holds the namespaces, reaps nothing (SIGCHLD is ignored), shows no file of the host as /proc/1/exe, and cannot be
 * traced from inside the pod, for it makes itself non-dumpable first.
 */
export function pauseImage(): Buffer {
  const { pause, elfMachine } = machineCode();
  const size = HEADERS + pause.length;
  const bytes = Buffer.alloc(size);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bit, little endian, version 1
  bytes.writeUInt16LE(2, 16); // e_type: ET_EXEC
  bytes.writeUInt16LE(elfMachine, 18);
  bytes.writeUInt32LE(1, 20); // e_version
  bytes.writeBigUInt64LE(BigInt(BASE + HEADERS), 24); // e_entry
  bytes.writeBigUInt64LE(64n, 32); // e_phoff
  bytes.writeUInt16LE(64, 52); // e_ehsize
  bytes.writeUInt16LE(56, 54); // e_phentsize
  bytes.writeUInt16LE(1, 56); // e_phnum
  bytes.writeUInt32LE(1, 64); // p_type: PT_LOAD
  bytes.writeUInt32LE(5, 68); // p_flags: R+X
  bytes.writeBigUInt64LE(BigInt(BASE), 80); // p_vaddr
  bytes.writeBigUInt64LE(BigInt(BASE), 88); // p_paddr
  bytes.writeBigUInt64LE(BigInt(size), 96); // p_filesz
  bytes.writeBigUInt64LE(BigInt(size), 104); // p_memsz
  bytes.writeBigUInt64LE(0x1000n, 112); // p_align
  bytes.set(pause, HEADERS);
  return bytes;
}
