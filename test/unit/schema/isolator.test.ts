import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolators, isolatorValue } from '../../../schema/isolator.ts';
import { keeps, refuses } from './check-decoder.ts';

const isolator = (name: string, value: unknown): object => ({ name, value });
const retain = 'os/linux/seccomp-retain-set';
const remove = 'os/linux/seccomp-remove-set';

test('isolators takes every isolator of the appc spec', () => {
  keeps(isolators, [
    [],
    [
      isolator('resource/block-bandwidth', { default: true, limit: '2M' }),
      isolator('resource/block-iops', { default: true, limit: '1000' }),
      isolator('resource/cpu', { default: false, request: '250m', limit: '500m' }),
      isolator('resource/memory', { default: false, limit: '2G' }),
      isolator('resource/network-bandwidth', { default: true, limit: '1G' }),
      isolator('os/unix/sysctl', { 'net.ipv4.ip_forward': '1', 'net/ipv4/conf/eth0.1/rp_filter': '0' }),
      isolator('os/linux/capabilities-remove-set', { set: ['CAP_NET_RAW'] }),
      isolator('os/linux/capabilities-retain-set', { set: ['CAP_KILL', 'CAP_CHOWN'] }),
      isolator('os/linux/no-new-privileges', true),
      isolator('os/linux/oom-score-adj', -1000),
      isolator('os/linux/cpu-shares', 2),
      isolator(retain, { set: ['@appc.io/all'], errno: 'EPERM' }),
      isolator('os/linux/selinux-context', { user: 'u', role: 'r', type: 't', level: 's0:c1,c2' }),
      isolator('os/linux/apparmor-profile', { profile: 'docker-default' }),
    ],
    [isolator('os/linux/no-new-privileges', true), isolator('os/linux/no-new-privileges', false)],
  ]);
});

test('isolators refuses what the spec does not know, by name', () => {
  refuses(isolators, [
    [[isolator('os/linux/teleport', {})], '[0].name: invalid isolator "os/linux/teleport"'],
    [[isolator('constructor', {})], '[0].name: invalid isolator "constructor"'],
    [[{ name: 'resource/cpu' }], '[0].value: missing'],
  ]);
});

test('isolators checks each value', () => {
  const cases: [string, unknown, string][] = [
    ['os/linux/capabilities-retain-set', { set: [] }, '.set: the set cannot be empty'],
    ['os/linux/capabilities-retain-set', {}, '.set: missing'],
    [retain, { set: [] }, '.set: the set cannot be empty'],
    [
      remove,
      { set: ['x'], errno: 'perm' },
      '.errno: expected the name of an errno such as "EPERM", got "perm"',
    ],
    ['os/linux/cpu-shares', 1, ': expected an integer from 2 to 262144, got 1'],
    ['os/linux/oom-score-adj', 1001, ': expected an integer from -1000 to 1000, got 1001'],
    ['resource/memory', { default: true, limit: '1G' }, '.default: must be false for this resource'],
    [
      'resource/memory',
      { limit: '1GB' },
      '.limit: expected a quantity such as "16Mi", "1G" or "500m", got "1GB"',
    ],
    ['resource/block-iops', { limit: '1' }, '.default: missing'],
    ['resource/block-iops', { default: false, limit: '1' }, '.default: must be true for this resource'],
    [
      'resource/network-bandwidth',
      { default: true, request: '1G' },
      '.request: not supported by this resource',
    ],
    ['os/linux/apparmor-profile', { profile: '' }, '.profile: cannot be empty'],
    [
      'os/linux/selinux-context',
      { user: 'a:b', role: 'r', type: 't', level: 's0' },
      '.user: expected a part of an SELinux context, without ":", got "a:b"',
    ],
    ['os/unix/sysctl', { 'kernel.x': 1 }, '["kernel.x"]: expected a string, got 1'],
  ];
  for (const [name, value, problem] of cases)
    refuses(isolators, [[[isolator(name, value)], `[0].value${problem}`]]);
});

test('isolators allows one seccomp set only, of either kind', () => {
  const set = { set: ['@appc.io/all'] };
  refuses(isolators, [
    [[isolator(retain, set), isolator(retain, set)], `[1].name: "${retain}" is given twice`],
    [
      [isolator(retain, set), isolator(remove, set)],
      `[1].name: "${remove}" cannot be used together with "${retain}"`,
    ],
    [
      [isolator(remove, set), isolator(retain, set)],
      `[1].name: "${retain}" cannot be used together with "${remove}"`,
    ],
  ]);
});

test('isolatorValue() gives the last of several', () => {
  const list = isolators([
    isolator('os/linux/no-new-privileges', true),
    isolator('os/linux/no-new-privileges', false),
  ]);
  assert.equal(isolatorValue(list, 'os/linux/no-new-privileges'), false);
  assert.equal(isolatorValue(list, 'resource/cpu'), undefined);
});
