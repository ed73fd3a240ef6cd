/** elf.h */
const PT_LOAD = 1;
const ET_EXEC = 2;
const EHDR_SIZE = 64;
const PHDR_SIZE = 56;
const PAGE = 4096;

/** Permissions of a segment, elf.h PF_X, PF_W, PF_R. */
export const PF = { X: 1, W: 2, R: 4 } as const;

export interface Segment {
  /** A multiple of the page size. */
  readonly address: number;
  readonly permissions: number;
  readonly content: Uint8Array;
}

/** A static executable (elf(5)) that starts at the first byte of its first segment. Each segment has pages of its own. */
export function elfExecutable(machine: number, segments: readonly [Segment, ...Segment[]]): Buffer {
  const headers = Buffer.alloc(EHDR_SIZE + PHDR_SIZE * segments.length);
  writeFileHeader(headers, machine, segments[0].address, segments.length);
  let offset = PAGE;
  const parts: Uint8Array[] = [headers, Buffer.alloc(PAGE - headers.length)];
  segments.forEach((segment, i) => {
    writeProgramHeader(headers, EHDR_SIZE + PHDR_SIZE * i, segment, offset);
    const padding = -segment.content.length & (PAGE - 1);
    parts.push(segment.content, Buffer.alloc(padding));
    offset += segment.content.length + padding;
  });
  return Buffer.concat(parts);
}

function writeFileHeader(bytes: Buffer, machine: number, entry: number, segments: number): void {
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bit, little endian, version 1
  bytes.writeUInt16LE(ET_EXEC, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20); // e_version
  bytes.writeBigUInt64LE(BigInt(entry), 24);
  bytes.writeBigUInt64LE(BigInt(EHDR_SIZE), 32); // e_phoff
  bytes.writeUInt16LE(EHDR_SIZE, 52);
  bytes.writeUInt16LE(PHDR_SIZE, 54);
  bytes.writeUInt16LE(segments, 56);
}

function writeProgramHeader(
  bytes: Buffer,
  at: number,
  { address, permissions, content }: Segment,
  offset: number,
) {
  bytes.writeUInt32LE(PT_LOAD, at);
  bytes.writeUInt32LE(permissions, at + 4);
  bytes.writeBigUInt64LE(BigInt(offset), at + 8);
  bytes.writeBigUInt64LE(BigInt(address), at + 16); // p_vaddr
  bytes.writeBigUInt64LE(BigInt(address), at + 24); // p_paddr
  bytes.writeBigUInt64LE(BigInt(content.length), at + 32); // p_filesz
  bytes.writeBigUInt64LE(BigInt(content.length), at + 40); // p_memsz
  bytes.writeBigUInt64LE(BigInt(PAGE), at + 48); // p_align
}
