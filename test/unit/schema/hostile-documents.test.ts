import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkConfig } from '../../../schema/cni/network-config.ts';
import { cniResult } from '../../../schema/cni/result.ts';
import { DecodeError } from '../../../schema/decode-error.ts';
import { imageManifest } from '../../../schema/image-manifest.ts';
import { decodeJson, parseJson } from '../../../schema/json.ts';
import { parseImageConfig } from '../../../schema/oci/image-config.ts';
import { parseSavedImages } from '../../../schema/oci/layout.ts';
import { parseImageIndex, parseOciManifest } from '../../../schema/oci/manifest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../schema/oci/media-type.ts';
import { netInfo, podNetwork } from '../../../schema/pod-files.ts';
import { podManifest } from '../../../schema/pod-manifest.ts';
import { runtimeConfig } from '../../../schema/runtime-config.ts';
import { documents } from './documents.ts';

const what = 'doc';
const readers: Readonly<Record<keyof typeof documents, (text: string | Uint8Array) => unknown>> = {
  imageManifest: (text) => decodeJson(text, imageManifest, { what }),
  podManifest: (text) => decodeJson(text, podManifest, { what }),
  runtimeConfig: (text) => decodeJson(text, runtimeConfig, { what }),
  podNetwork: (text) => decodeJson(text, podNetwork, { what }),
  netInfo: (text) => decodeJson(text, netInfo, { what }),
  networkConfig: (text) => decodeJson(text, networkConfig, { what }),
  cniResult: (text) => decodeJson(text, cniResult, { what }),
  ociManifest: (text) => parseOciManifest(text, OCI_MANIFEST),
  imageIndex: (text) => parseImageIndex(text, OCI_INDEX),
  imageConfig: parseImageConfig,
  savedImages: parseSavedImages,
};
const cases = Object.entries(documents).map(([name, document]) => ({
  document,
  read: readers[name as keyof typeof documents],
}));

/** The same sequence on every machine (mulberry32), so that a failure can be repeated. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Reads, and fails for any error but DecodeError, and for one that a terminal or a log could not take. */
function readSafely(read: (text: string | Uint8Array) => unknown, text: string | Uint8Array): void {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof DecodeError, `${String(error)}\n${text}`);
    assert.ok(
      error.message.length < 1000 && !/[\u0000-\u001f\u007f-\u009f\u202e]/.test(error.message),
      error.message,
    );
  }
}

const odd: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e300, '', 'x', '/', '..', '\0', '\u001b[31m', '\u202e', '\ud800', '__proto__'],
  ...[[], {}, [[]], [null], { a: null }, JSON.parse('{"__proto__":{"x":1}}'), 'a'.repeat(10_000)],
];

/** A copy of `value` in which one place, found by walking down at random, holds something odd, or nothing. */
function mutate(value: unknown, random: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || random(8) === 0) return odd[random(odd.length)];
  const entries = Object.entries(value);
  if (entries.length === 0) return odd[random(odd.length)];
  const at = random(entries.length);
  const changed = entries.flatMap(([key, each], index) => {
    if (index !== at) return [[key, each] as const];
    if (random(10) === 0) return [];
    if (random(10) === 0) return [[String(odd[random(odd.length)]), each] as const];
    return [[key, mutate(each, random)] as const];
  });
  return Array.isArray(value) ? changed.map(([, each]) => each) : Object.fromEntries(changed);
}

test('every document is read as it is', () => {
  for (const { document, read } of cases) read(JSON.stringify(document));
});

test('a document with values of other kinds in it is read, or refused with DecodeError', () => {
  const random = makeRandom(20261125);
  for (const { document, read } of cases)
    for (let round = 0; round < 400; round++) {
      const once = mutate(document, random);
      readSafely(read, JSON.stringify(random(2) === 0 ? once : mutate(once, random)) ?? '');
    }
});

test('a document with other bytes in it is read, or refused with DecodeError', () => {
  const random = makeRandom(8259);
  for (const { document, read } of cases) {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    for (let round = 0; round < 200; round++) {
      const changed = random(4) === 0 ? bytes.slice(0, random(bytes.length)) : bytes.slice();
      for (let count = 0; count <= random(3); count++) changed[random(changed.length || 1)] = random(256);
      readSafely(read, changed);
    }
  }
});

test('long strings take time in proportion to their length only', () => {
  const long = ['a', '0', '-', '.', '/', '/a', '/.', '-a', ':', '::', '0.', '1/', '\\', '@', '\u001b'].map(
    (piece) => piece.repeat(20_000),
  );
  const start = performance.now();
  for (const { document, read } of cases)
    for (const text of long) for (const changed of stringPlaces(document, text)) readSafely(read, changed);
  assert.ok(performance.now() - start < 10_000);
});

/** The document, once for each of its strings, with that one replaced. */
function stringPlaces(document: unknown, replacement: string): readonly string[] {
  const text = JSON.stringify(document);
  const quoted = JSON.stringify(replacement);
  return [...text.matchAll(/:("(?:[^"\\]|\\.)*")/g)].map(
    ({ index, 1: value = '' }) => text.slice(0, index + 1) + quoted + text.slice(index + 1 + value.length),
  );
}

test('long lists take time in proportion to their length only', () => {
  const many = (make: (index: number) => unknown): readonly unknown[] =>
    Array.from({ length: 20_000 }, (_, i) => make(i));
  const name = (index: number): string => `n${index}`;
  const app = {
    ...documents.imageManifest.app,
    environment: many((i) => ({ name: name(i), value: '' })),
    isolators: many(() => ({ name: 'os/linux/no-new-privileges', value: true })),
    mountPoints: many((i) => ({ name: name(i), path: '/' })),
  };
  const lists = {
    labels: many((i) => ({ name: name(i), value: '' })),
    annotations: many((i) => ({ name: name(i), value: '' })),
  };
  const start = performance.now();
  imageManifest({ ...documents.imageManifest, ...lists, app });
  parseJson(`{${many((i) => `"${i}":{}`).join(',')}}`, { what });
  assert.ok(performance.now() - start < 5_000);
});
