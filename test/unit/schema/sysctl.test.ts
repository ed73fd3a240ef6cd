import { test } from 'node:test';
import { sysctl } from '../../../schema/sysctl.ts';
import { keeps, refuses } from './check-decoder.ts';

test('sysctl takes names with dots and with slashes', () => {
  keeps(sysctl, [{ 'net.ipv4.ping_group_range': '0 0', 'net/ipv4/conf/eth0.100/rp_filter': '1' }]);
});

test('sysctl refuses names that lead out of /proc/sys', () => {
  for (const name of ['', '/kernel/x', '../kernel', 'net/../../x', 'net/..'])
    refuses(sysctl, [
      [
        { [name]: '1' },
        `expected the name of a sysctl such as "net.ipv4.ip_forward", got ${JSON.stringify(name)}`,
      ],
    ]);
});
