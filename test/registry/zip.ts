import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly content: string | Buffer;
  /** Unix mode for the external attributes, 0 for none. */
  readonly mode?: number;
  readonly deflate?: boolean;
  /** General purpose flags (APPNOTE.TXT 4.4.4): bit 0 says "encrypted". */
  readonly flags?: number;
  readonly method?: number;
  /** The size the directory claims. */
  readonly claimedSize?: number;
}

/** Writes a zip: local headers and content, the central directory, its end (APPNOTE.TXT 4.3). Nothing is checked. */
export function zip(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content);
    const stored = member.deflate ? deflateRawSync(content) : content;
    const shared = sharedFields(member, content, stored);
    const name = Buffer.from(member.name);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), shared, Buffer.alloc(2), name, stored]);
    locals.push(local);
    directory.push(centralHeader(member, shared, name, offset));
    offset += local.length;
  }
  return Buffer.concat([
    ...locals,
    ...directory,
    end(members.length, Buffer.concat(directory).length, offset),
  ]);
}

/** What both headers have from "version needed" to the length of the name: 24 bytes. */
function sharedFields(member: ZipMember, content: Buffer, stored: Buffer): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt16LE(20, 0);
  bytes.writeUInt16LE(member.flags ?? 0, 2);
  bytes.writeUInt16LE(member.method ?? (member.deflate ? 8 : 0), 4);
  bytes.writeUInt32LE(crc32(content), 10);
  bytes.writeUInt32LE(stored.length, 14);
  bytes.writeUInt32LE(member.claimedSize ?? content.length, 18);
  bytes.writeUInt16LE(Buffer.byteLength(member.name), 22);
  return bytes;
}

function centralHeader(member: ZipMember, shared: Buffer, name: Buffer, offset: number): Buffer {
  const rest = Buffer.alloc(16); // extra and comment length, disk, internal and external attributes, offset
  rest.writeUInt32LE(((member.mode ?? 0) << 16) >>> 0, 8);
  rest.writeUInt32LE(offset, 12);
  return Buffer.concat([Buffer.from('504b01021403', 'hex'), shared, rest, name]);
}

function end(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.write('504b0506', 'hex');
  bytes.writeUInt16LE(count, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}
