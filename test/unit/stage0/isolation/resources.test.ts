import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolators } from '../../../../schema/isolator.ts';
import { resourcesOf } from '../../../../stage0/isolation/resources.ts';

const disk = { major: 254, minor: 0 };
const resources = (list: readonly object[]) => resourcesOf(isolators(list), () => [disk]);

const good: readonly [what: string, isolators: readonly object[], resources: object][] = [
  ['nothing', [], {}],
  [
    'a memory limit, and a request as what is reclaimed last',
    [{ name: 'resource/memory', value: { limit: '64Mi', request: '1k' } }],
    { memory: { limit: 67_108_864n, reservation: 1000n } },
  ],
  [
    'a CPU limit as a quota of each tenth of a second',
    [{ name: 'resource/cpu', value: { limit: '500m' } }],
    { cpu: { quota: 50_000n, period: 100_000n } },
  ],
  [
    'a CPU limit below what the kernel takes as the least it takes',
    [{ name: 'resource/cpu', value: { limit: '1m' } }],
    { cpu: { quota: 1000n, period: 100_000n } },
  ],
  [
    'a CPU request as shares, of which a CPU is 1024',
    [{ name: 'resource/cpu', value: { request: '250m' } }],
    { cpu: { shares: 256n } },
  ],
  [
    'a tiny CPU request as the least shares',
    [{ name: 'resource/cpu', value: { request: '1m' } }],
    { cpu: { shares: 2n } },
  ],
  [
    'CPU shares, which go before a request',
    [
      { name: 'os/linux/cpu-shares', value: 512 },
      { name: 'resource/cpu', value: { request: '1' } },
    ],
    { cpu: { shares: 512n } },
  ],
  [
    'the last of several isolators of a name',
    [
      { name: 'resource/memory', value: { limit: '1M' } },
      { name: 'resource/memory', value: { limit: '2M' } },
    ],
    { memory: { limit: 2_000_000n } },
  ],
  [
    'block bandwidth and IOPS as throttles of every disk, both ways',
    [
      { name: 'resource/block-bandwidth', value: { default: true, limit: '2M' } },
      { name: 'resource/block-iops', value: { default: true, limit: '1000' } },
    ],
    {
      blockIO: {
        throttleReadBpsDevice: [{ ...disk, rate: 2_000_000n }],
        throttleWriteBpsDevice: [{ ...disk, rate: 2_000_000n }],
        throttleReadIOPSDevice: [{ ...disk, rate: 1000n }],
        throttleWriteIOPSDevice: [{ ...disk, rate: 1000n }],
      },
    },
  ],
];

for (const [what, list, expected] of good)
  test(`resourcesOf() translates ${what}`, () => {
    assert.deepEqual(resources(list), expected);
  });

test('resourcesOf() asks for the disks only where an isolator is about them', () => {
  const disks = () => assert.fail('asked');
  assert.deepEqual(resourcesOf(isolators([{ name: 'os/linux/cpu-shares', value: 2 }]), disks), {
    cpu: { shares: 2n },
  });
});
