import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canUseIpv6 } from '../../../../stage0/network/ipv6-of-host.ts';

const zeros = '0'.repeat(32);
const route = (prefix: string, flags: string) =>
  `${zeros} ${prefix} ${zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 ${flags}     eth0\n`;

const advertised = route('00', '00450003');
const configured = route('00', '00000003');

const hosts = [
  {
    what: 'has no IPv6',
    state: { disabled: undefined, forwarding: undefined, routes: undefined },
    can: false,
  },
  { what: 'has IPv6 disabled', state: { disabled: '1\n', forwarding: '0\n', routes: '' }, can: false },
  { what: 'has no way out', state: { disabled: '0\n', forwarding: '0\n', routes: '' }, can: true },
  {
    what: 'has a configured way out',
    state: { disabled: '0\n', forwarding: '0\n', routes: configured },
    can: true,
  },
  {
    what: 'would lose its way out',
    state: { disabled: '0\n', forwarding: '0\n', routes: advertised },
    can: false,
  },
  { what: 'forwards already', state: { disabled: '0\n', forwarding: '1\n', routes: advertised }, can: true },
  {
    what: 'was told of a network, not of a way out',
    state: { disabled: '0\n', forwarding: '0\n', routes: route('40', '00450003') },
    can: true,
  },
];

for (const { what, state, can } of hosts) {
  test(`canUseIpv6() is ${can} for a host that ${what}`, () => {
    assert.equal(canUseIpv6(state), can);
  });
}
