import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Seccomp } from '../../../../schema/runtime-config.ts';
import { compileFilter } from '../../../../stage1/seccomp/filter.ts';
import { cachedFilter, filterCacheDirectory } from '../../../../stage1/seccomp/filter-cache.ts';

const profile: Seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  flags: ['SECCOMP_FILTER_FLAG_LOG'],
  syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
};
const expected = Buffer.from(compileFilter(profile).program);

function inCache(check: (directory: string) => void): void {
  const parent = mkdtempSync(join(tmpdir(), 'tsrkt-filters-'));
  try {
    check(join(parent, 'tsrkt/seccomp'));
  } finally {
    rmSync(parent, { recursive: true });
  }
}

const fileIn = (directory: string) => join(directory, readdirSync(directory)[0]!);

test('a filter is kept, and is the same when it is read back', () =>
  inCache((directory) => {
    for (let i = 0; i < 2; i++) {
      const { program, flags } = cachedFilter(profile, directory);
      assert.deepEqual(Buffer.from(program), expected);
      assert.deepEqual(flags, ['SECCOMP_FILTER_FLAG_LOG']);
    }
    assert.equal(readdirSync(directory).length, 1);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal(statSync(fileIn(directory)).mode & 0o777, 0o400);
  }));

test('another profile is another file', () =>
  inCache((directory) => {
    cachedFilter(profile, directory);
    cachedFilter({ ...profile, defaultErrnoRet: 13 }, directory);
    assert.equal(readdirSync(directory).length, 2);
  }));

test('a file that others can write, is cut off or is a link is not believed', () =>
  inCache((directory) => {
    cachedFilter(profile, directory);
    const file = fileIn(directory);
    const evil = Buffer.from('0600000000ff7f'.padEnd(16, '0'), 'hex');
    const spoil: readonly (() => void)[] = [
      () => chmodSync(file, 0o666),
      () => chmodSync(file, 0o620),
      () => {
        chmodSync(file, 0o600);
        writeFileSync(file, evil.subarray(0, 5));
      },
      () => {
        writeFileSync(join(directory, '../evil'), evil);
        rmSync(file);
        symlinkSync('../evil', file);
      },
    ];
    for (const how of spoil) {
      how();
      assert.deepEqual(Buffer.from(cachedFilter(profile, directory).program), expected, String(how));
    }
  }));

test('a directory that others can write is not used', () =>
  inCache((directory) => {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o777);
    assert.deepEqual(Buffer.from(cachedFilter(profile, directory).program), expected);
    assert.deepEqual(readdirSync(directory), []);
  }));

test('a filter that leaves calls unrestricted is not kept, so that it is reported each time', () =>
  inCache((directory) => {
    const leaky: Seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['no_such_call'], action: 'SCMP_ACT_ERRNO' }],
    };
    for (let i = 0; i < 2; i++)
      assert.deepEqual(cachedFilter(leaky, directory).unrestricted, ['no_such_call']);
  }));

test('filterCacheDirectory() is below /run for root, below the user’s runtime directory, or nowhere', () => {
  assert.equal(filterCacheDirectory(0, '/run/user/0'), '/run/tsrkt/seccomp');
  assert.equal(filterCacheDirectory(1000, '/run/user/1000'), '/run/user/1000/tsrkt/seccomp');
  assert.equal(filterCacheDirectory(1000, undefined), undefined);
  assert.equal(filterCacheDirectory(1000, ''), undefined);
});
