import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { compress } from '../../image/compress.ts';
import { brokenBound, defaultBounds } from '../../image/compression/bounds.ts';
import {
  BoundsError,
  type Compression,
  CompressionError,
  compressions,
  decompress,
  detectCompression,
} from '../../image/compression.ts';

const tools: Readonly<Record<string, readonly string[]>> = {
  gzip: ['gzip', '-c'],
  bzip2: ['bzip2', '-c'],
  xz: ['xz', '-c'],
  zstd: ['zstd', '-q', '-c'],
};
const packed = compressions.filter((each) => each !== 'none');
const sample = Buffer.concat([randomBytes(100_000), Buffer.alloc(1_200_000, 'abc'), randomBytes(150_000)]);

for (const compression of packed) {
  test(`decompress() reads what ${compression}(1) writes, in chunks of any size`, async () => {
    const file = runTool(compression, sample);
    assert.equal(detectCompression(file), compression);
    for (const size of [1000, 65536, 4_000_000])
      assert.ok(
        (await collect(decompress(inChunks(file, size), compression))).equals(sample),
        `chunks of ${size}`,
      );
  });

  test(`decompress() reads ${compression} data written one after another`, async () => {
    const file = Buffer.concat([runTool(compression, sample), runTool(compression, Buffer.from('end'))]);
    const expected = Buffer.concat([sample, Buffer.from('end')]);
    assert.ok((await collect(decompress(inChunks(file, 65536), compression))).equals(expected));
  });

  test(`decompress() refuses ${compression} data that ends too early, wherever`, async () => {
    const file = runTool(compression, sample.subarray(0, 200_000));
    for (const length of [7, 20, 1000, file.length - 9, file.length - 1])
      await assert.rejects(
        collect(decompress(inChunks(file.subarray(0, length)), compression)),
        /ends too early/,
      );
  });

  test(`decompress() refuses ${compression} data followed by something else`, async () => {
    for (const garbage of ['garbage', '\0\0\0\0\0']) {
      const file = Buffer.concat([runTool(compression, sample), Buffer.from(garbage)]);
      await assert.rejects(collect(decompress(inChunks(file, 65536), compression)), CompressionError);
    }
  });

  test(`decompress() refuses ${compression} data with a flipped bit`, async () => {
    const file = runTool(compression, sample);
    file.writeUInt8((file[file.length >> 1] ?? 0) ^ 4, file.length >> 1);
    await assert.rejects(collect(decompress(inChunks(file, 65536), compression)), CompressionError);
  });

  test(`decompress() stops a ${compression} bomb early`, async () => {
    const bomb = await collect(compress(zeros(40), compression));
    let given = 0;
    await assert.rejects(
      async () => {
        const bounds = { outputBytes: 2 ** 40, ratio: 500 };
        for await (const chunk of decompress(inChunks(bomb, 1000), compression, bounds))
          given += chunk.length;
      },
      (error) => error instanceof BoundsError && error.code === 'ERR_TOO_LARGE',
    );
    assert.ok(given <= 1024 * 1024 + bomb.length * 500, `${given} bytes came out of ${bomb.length}`);
  });

  test(`compress() writes ${compression} data that ${compression}(1) reads`, async () => {
    const file = await collect(compress(inChunks(sample, 100_000), compression));
    const [tool = ''] = tools[compression] ?? [];
    assert.ok(execFileSync(tool, ['-dc'], { input: file, maxBuffer: 2 ** 26 }).equals(sample));
  });

  test(`compress() writes an empty ${compression} file for nothing`, async () => {
    const file = await collect(compress(inChunks(Buffer.alloc(0)), compression));
    assert.equal((await collect(decompress(inChunks(file), compression))).length, 0);
  });
}

for (const compression of ['zstd', 'bzip2'] as const)
  test(`decompress() refuses ${compression} data of very many small parts, which would take for ever`, async () => {
    const part = runTool(compression, Buffer.alloc(0));
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => part));
    await assert.rejects(
      collect(decompress(inChunks(many), compression)),
      /consists of too many small parts/,
    );
    const some = Buffer.concat(Array.from({ length: 500 }, () => part));
    assert.equal((await collect(decompress(inChunks(some), compression))).length, 0);
  });

test('decompress() stops at the most bytes allowed, also without compression', async () => {
  await assert.rejects(
    collect(decompress(inChunks(sample), 'none', { ...defaultBounds, outputBytes: 10 })),
    BoundsError,
  );
});

test('decompress() refuses xz data that wants more memory than allowed', async () => {
  const file = execFileSync('xz', ['-c', '--lzma2=dict=512MiB'], { input: 'x' });
  await assert.rejects(collect(decompress(inChunks(file), 'xz')), /more memory needed than allowed/);
});

test('decompress() refuses a zstd window of more than 128 MiB', async () => {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x98]); // no size; window descriptor 2^(10+19)
  await assert.rejects(
    collect(decompress(inChunks(Buffer.concat([header, Buffer.alloc(50)])), 'zstd')),
    /window/,
  );
});

test('decompress() gives an error of its source, not one of the decompressor', async () => {
  async function* failing() {
    yield runTool('gzip', sample).subarray(0, 1000);
    throw new Error('connection lost');
  }
  for (const compression of packed)
    await assert.rejects(
      collect(decompress(compression === 'gzip' ? failing() : failAtOnce(), compression)),
      /connection lost/,
    );
});

test('detectCompression() takes everything else as not compressed', () => {
  assert.equal(detectCompression(Buffer.alloc(0)), 'none');
  assert.equal(detectCompression(Buffer.from('ustar')), 'none');
});

test('brokenBound() lets the first MiB out whatever the ratio', () => {
  assert.equal(brokenBound(1, 1024 * 1024, defaultBounds), undefined);
  assert.match(brokenBound(1, 1024 * 1024 + 1001, defaultBounds) ?? '', /more than 1000 bytes/);
});

function runTool(compression: Compression, input: Buffer): Buffer {
  const [tool = '', ...args] = tools[compression] ?? [];
  return execFileSync(tool, args, { input, maxBuffer: 2 ** 26 });
}

async function* inChunks(bytes: Buffer, size = 65536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* zeros(mebibytes: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(1024 * 1024);
  for (let count = 0; count < mebibytes; count++) yield chunk;
}

// biome-ignore lint/correctness/useYield: it fails before it could
async function* failAtOnce(): AsyncGenerator<Buffer> {
  throw new Error('connection lost');
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
