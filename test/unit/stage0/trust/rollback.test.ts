import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDigest } from '../../../../schema/digest.ts';
import { makeImageId } from '../../../../schema/image-id.ts';
import { imageManifest } from '../../../../schema/image-manifest.ts';
import { type Candidate, recordRuns, refuseDowngrades } from '../../../../stage0/trust/rollback.ts';

interface Facts {
  readonly version?: string;
  readonly arch?: string;
  readonly created?: string;
  readonly mode?: 'verified' | 'unverified';
  readonly content?: string;
}

function image({ version, arch = 'amd64', created, mode = 'verified', content = 'a' }: Facts): Candidate {
  const labels = [
    { name: 'os', value: 'linux' },
    { name: 'arch', value: arch },
    ...(version === undefined ? [] : [{ name: 'version', value: version }]),
  ];
  const annotations = created === undefined ? [] : [{ name: 'created', value: created }];
  const id = makeImageId(content.repeat(128));
  const decision: Candidate['trust']['decision'] = {
    version: 1,
    request: 'example.com/a',
    kind: 'aci',
    name: 'example.com/a',
    digests: [makeDigest('sha512', content.repeat(128))],
    mode,
    reason: '',
    scope: '',
    policyHash: 'none',
    decided: new Date(0),
    signatures: [],
  };
  const document = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: 'example.com/a',
    labels,
    annotations,
  };
  return { id, manifest: imageManifest(document), trust: { decision } };
}

/** Whether `candidate` may run after `earlier` did. */
function runsAfter(earlier: Facts, candidate: Facts): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-rollback-'));
  try {
    recordRuns(directory, [image(earlier)]);
    refuseDowngrades(directory, [image({ content: 'b', ...candidate })]);
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ERR_DOWNGRADE');
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const pairs: readonly [string, Facts, Facts, boolean][] = [
  ['a newer version', { version: '1.9.0' }, { version: '1.10.0' }, true],
  ['an older version', { version: '1.10.0' }, { version: '1.9.0' }, false],
  ['the same image', { version: '1.0.0' }, { version: '1.0.0', content: 'a' }, true],
  [
    'an older build of a version',
    { version: '1', created: '2026-02-01T00:00:00Z' },
    { version: '1', created: '2026-01-01T00:00:00Z' },
    false,
  ],
  [
    'an older build for another machine',
    { created: '2026-02-01T00:00:00Z' },
    { arch: 'i386', created: '2026-01-01T00:00:00Z' },
    true,
  ],
  ['an older version after one nobody signed', { version: '9', mode: 'unverified' }, { version: '1' }, true],
  ['an older version nobody signed', { version: '2' }, { version: '1', mode: 'unverified' }, true],
];

for (const [what, earlier, candidate, allowed] of pairs)
  test(`${what} is ${allowed ? 'no downgrade' : 'a downgrade'}`, () => {
    assert.equal(runsAfter(earlier, candidate), allowed);
  });
