/** Random numbers that are the same every time (mulberry32), for tests that try many inputs. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const BLOCK = 512;

/** A tar archive with a few random changes; checksums are made right again, so that readers get to see them. */
export function mutateArchive(original: Buffer, random: (below: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let count = 1 + random(4); count > 0; count--)
    bytes = mutations[random(mutations.length)]?.(bytes, random) ?? bytes;
  if (random(4) > 0)
    for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) repairChecksum(bytes.subarray(at, at + BLOCK));
  return bytes;
}

type Mutation = (bytes: Buffer, random: (below: number) => number) => Buffer;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length === 0) return bytes;
    const at = random(bytes.length);
    bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << random(8)), at);
    return bytes;
  },
  function changeHeaderField(bytes, random) {
    const [offset = 0, length = 1] = fields[random(fields.length)] ?? [];
    const start = block(bytes, random) + offset;
    const value = values[random(values.length)] ?? '';
    Buffer.from(value.padEnd(length, '\0').slice(0, length), 'latin1').copy(bytes, start);
    return bytes;
  },
  function changeType(bytes, random) {
    Buffer.from('01234567xgLKSVD\0'.charAt(random(16))).copy(bytes, block(bytes, random) + 156);
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random(bytes.length));
  },
  function removeBlocks(bytes, random) {
    const [start, length] = [block(bytes, random), BLOCK * (1 + random(3))];
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
  },
  function repeatBlocks(bytes, random) {
    const [start, target] = [block(bytes, random), block(bytes, random)];
    const copied = bytes.subarray(start, start + BLOCK * (1 + random(3)));
    return Buffer.concat([bytes.subarray(0, target), copied, bytes.subarray(target)]);
  },
];

/** name, size, linkname, magic, prefix, sparse map */
const fields = [
  [0, 100],
  [124, 12],
  [157, 100],
  [257, 8],
  [345, 155],
  [386, 96],
] as const;
const values = [
  '',
  '..',
  '../outside/pwned',
  '/tmp/pwned',
  'rootfs/../../outside',
  'rootfs/up/pwned',
  '77777777777',
  '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff',
  '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  '00000000001',
  'ustar  ',
];

function block(bytes: Buffer, random: (below: number) => number): number {
  return random(Math.max(1, Math.floor(bytes.length / BLOCK))) * BLOCK;
}

function repairChecksum(header: Buffer): void {
  if (header.toString('latin1', 257, 262) !== 'ustar') return;
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}
