/** One member of a tar, as raw as tests need it. */
export interface Member {
  readonly name: string;
  /** '0' file (default), '1' hard link, '2' symbolic link, '3' and '4' devices, '5' directory, '6' fifo. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly pax?: Readonly<Record<string, string>>;
}

/** Writes a ustar archive, pax headers where asked for, nothing checked. */
export function tar(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.flatMap(blocks), Buffer.alloc(1024)]);
}

function blocks(member: Member): Buffer[] {
  const content = Buffer.from(member.content ?? '');
  const own = [header(member, content.length), padded(content)];
  if (member.pax === undefined) return own;
  const records = Buffer.from(
    Object.entries(member.pax)
      .map(([key, value]) => paxRecord(key, value))
      .join(''),
  );
  return [header({ name: 'pax', type: 'x' }, records.length), padded(records), ...own];
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length++;
  return `${length}${rest}`;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** ustar: name at 0, mode 100, uid 108, gid 116, size 124, mtime 136, checksum 148, type 156, link 157, magic 257. */
function header(member: Member, size: number): Buffer {
  const { type = '0', uid = 0, gid = 0, mtime = 0, link = '' } = member;
  const bytes = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    bytes.write(value.toString(8).padStart(length - 1, '0'), at);
  bytes.write(member.name, 0, 100);
  octal(member.mode ?? (type === '5' ? 0o755 : 0o644), 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write(link, 157, 100);
  bytes.write('ustar\x0000', 257);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return bytes;
}
