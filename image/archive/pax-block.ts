import { BLOCK, padding } from './header-block.ts';

/** A pax extended header with its body, as it stands before the entry it is about. tar-stream's own holds text only. */
export function paxBlocks(body: Buffer): Buffer {
  return Buffer.concat([headerBlock(body.length), body, Buffer.alloc(padding(body.length))]);
}

/** POSIX.1-2017 pax, ustar header block: name at 0, mode 100, uid 108, gid 116, size 124, mtime 136, checksum 148, typeflag 156, magic 257. */
function headerBlock(size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write('PaxHeader', 0);
  for (const [offset, value, digits] of [
    [100, 0o644, 7],
    [108, 0, 7],
    [116, 0, 7],
    [124, size, 11],
    [136, 0, 11],
  ] as const)
    block.write(value.toString(8).padStart(digits, '0'), offset);
  block.write('x', 156);
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
