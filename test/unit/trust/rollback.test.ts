import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDigest } from '../../../schema/digest.ts';
import { newestRun, recordRun } from '../../../trust/newest-run.ts';
import { type Freshness, newestOf, olderBecause, refuseDowngrade } from '../../../trust/rollback.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrkt-newest-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
function image(facts: Omit<Freshness, 'digest'>): Freshness {
  return { digest: makeDigest('sha256', String(count++).padStart(64, '0')), ...facts };
}
const on = (day: string) => new Date(`${day}T00:00:00Z`);

test('olderBecause() compares versions, then dates of the image, then of the signature', () => {
  const rows: readonly (readonly [Omit<Freshness, 'digest'>, Omit<Freshness, 'digest'>, boolean])[] = [
    [{ version: '1.2.3' }, { version: '1.10.0' }, true],
    [{ version: '1.10.0' }, { version: '1.2.3' }, false],
    [{ version: 'v1.2' }, { version: '1.2.0-rc1' }, false],
    [{ version: '1.2.0-rc1' }, { version: 'v1.2' }, true],
    [{ version: '2', created: on('2020-01-01') }, { version: '1', created: on('2021-01-01') }, false],
    [{ version: '1', created: on('2020-01-01') }, { version: '1', created: on('2021-01-01') }, true],
    [{ version: 'latest', created: on('2020-01-01') }, { version: '1', created: on('2021-01-01') }, true],
    [{ version: 'latest' }, { version: '1' }, false],
    [{ signed: on('2020-01-01') }, { signed: on('2021-01-01') }, true],
    [{ created: on('2021-01-01'), signed: on('2020-01-01') }, { signed: on('2021-01-01') }, true],
    [{ created: on('2021-01-01') }, { created: on('2021-01-01') }, false],
    [{}, { version: '1', created: on('2021-01-01') }, false],
  ];
  for (const [candidate, newest, isOlder] of rows)
    assert.equal(
      olderBecause(image(candidate), image(newest)) !== undefined,
      isOlder,
      JSON.stringify([candidate, newest]),
    );
});

test('olderBecause() never calls an image older than itself', () => {
  const same = image({ version: '1' });
  assert.equal(olderBecause(same, { ...same, version: '2' }), undefined);
});

test('refuseDowngrade() refuses a downgrade and says how to go back', () => {
  const [one, two] = [image({ version: '1.0' }), image({ version: '2.0' })];
  assert.throws(() => refuseDowngrade('example.com/app', one, two), {
    code: 'ERR_DOWNGRADE',
    message: 'run example.com/app: version 1.0 is older than 2.0, which ran here',
    hint: /--allow-downgrade/,
  });
  refuseDowngrade('example.com/app', two, one);
  refuseDowngrade('example.com/app', one, undefined);
  assert.equal(newestOf(one, two), two);
});

test('recordRun() keeps the newest image of each name, in whole files only', () => {
  const [one, two] = [image({ version: '1.0' }), image({ version: '2.0', created: on('2021-01-01') })];
  assert.equal(newestRun(directory, 'example.com/app'), undefined);
  recordRun(directory, 'example.com/app', two);
  recordRun(directory, 'example.com/app', one);
  recordRun(directory, 'example.com/app/../other', one);
  assert.deepEqual(newestRun(directory, 'example.com/app'), two);
  assert.deepEqual(newestRun(directory, 'example.com/app/../other'), one);
  assert.equal(readdirSync(directory).length, 2);
});

test('newestRun() takes a damaged mark for damage, not for none', () => {
  recordRun(directory, 'broken', image({ version: '1' }));
  for (const name of readdirSync(directory)) writeFileSync(join(directory, name), '{"na');
  assert.throws(() => newestRun(directory, 'broken'), { code: 'ERR_BAD_RECORD', hint: /remove the file/ });
});
