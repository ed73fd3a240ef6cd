import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePlatform, type Platform, platform, platformMatches } from '../../../../schema/oci/platform.ts';
import { keeps, refuses } from '../check-decoder.ts';

const linux = (architecture: string, variant?: string): Platform =>
  variant === undefined ? { os: 'linux', architecture } : { os: 'linux', architecture, variant };

test('platform takes the fields of the specification', () => {
  keeps(platform, [
    linux('arm', 'v7'),
    { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14393.1066', 'os.features': ['win32k'] },
  ]);
  refuses(platform, [
    [{ os: 'linux' }, 'architecture: missing'],
    [{ os: 'linux', architecture: 'arm', variant: 7 }, 'variant: expected a string, got 7'],
  ]);
});

test('platformMatches() runs the same and older variants, never newer ones', () => {
  const runs: [Platform, Platform, boolean][] = [
    [linux('amd64'), linux('amd64'), true],
    [linux('amd64'), linux('amd64', 'v1'), true],
    [linux('amd64'), linux('amd64', 'v2'), false],
    [linux('amd64', 'v3'), linux('amd64', 'v2'), true],
    [linux('amd64', 'v3'), linux('amd64', 'v4'), false],
    [linux('arm64'), linux('arm64', 'v8'), true],
    [linux('arm', 'v7'), linux('arm', 'v5'), true],
    [linux('arm', 'v6'), linux('arm', 'v7'), false],
    [linux('arm', 'v6'), linux('arm'), false],
    [linux('arm', 'v7'), linux('arm', '7'), true],
    [linux('amd64'), linux('386'), false],
    [linux('amd64'), { os: 'windows', architecture: 'amd64' }, false],
    [linux('riscv64'), linux('riscv64'), true],
    [linux('riscv64'), linux('riscv64', 'rva23'), false],
    [linux('amd64'), { ...linux('amd64'), 'os.features': ['sgx'] }, false],
    [{ ...linux('amd64'), 'os.features': ['sgx'] }, { ...linux('amd64'), 'os.features': ['sgx'] }, true],
    [linux('toString'), linux('toString'), true],
  ];
  for (const [host, wanted, expected] of runs)
    assert.equal(platformMatches(host, wanted), expected, JSON.stringify([host, wanted]));
});

test('choosePlatform() takes the newest variant the host runs, of equals the first', () => {
  const entries = [
    { name: 'attestation', platform: { os: 'unknown', architecture: 'unknown' } },
    { name: 'v5', platform: linux('arm', 'v5') },
    { name: 'v7', platform: linux('arm', 'v7') },
    { name: 'v7 again', platform: linux('arm') },
    { name: 'v8', platform: linux('arm', 'v8') },
    { name: 'amd64', platform: linux('amd64') },
  ];
  assert.equal(choosePlatform(entries, linux('arm', 'v7'))?.name, 'v7');
  assert.equal(choosePlatform(entries, linux('arm', 'v6'))?.name, 'v5');
  assert.equal(choosePlatform(entries, linux('amd64', 'v4'))?.name, 'amd64');
  assert.equal(choosePlatform(entries, linux('s390x')), undefined);
});

test('choosePlatform() takes an entry without a platform when no other fits', () => {
  const entries = [{ name: 'any' }, { name: 'amd64', platform: linux('amd64') }];
  assert.equal(choosePlatform(entries, linux('amd64'))?.name, 'amd64');
  assert.equal(choosePlatform(entries, linux('arm64'))?.name, 'any');
});
