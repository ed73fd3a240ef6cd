import { test } from 'node:test';
import { netInfo, podNetwork, runtime } from '../../../schema/pod-files.ts';
import { keeps, refuses } from './check-decoder.ts';

const conf = { cniVersion: '1.0.0', name: 'default', plugins: [{ type: 'ptp', ipMasq: true }] };

test('podNetwork takes the three ways to be connected', () => {
  keeps(podNetwork, [
    { mode: 'host' },
    { mode: 'none' },
    { mode: 'cni', networks: [] },
    {
      mode: 'cni',
      networks: [
        { name: 'default', conf },
        { name: 'other', args: 'IP=1.2.3.4;A=B', runtimeConfig: { portMappings: [] }, conf },
      ],
    },
  ]);
  refuses(podNetwork, [
    [{}, 'mode: missing'],
    [{ mode: 'bridge' }, 'mode: expected one of "host", "none", "cni", "user", got "bridge"'],
    [{ mode: 'cni' }, 'networks: missing'],
    [{ mode: 'cni', networks: [{ name: 'a' }] }, 'networks[0].conf: missing'],
    [
      {
        mode: 'cni',
        networks: [
          { name: 'a', conf },
          { name: 'a', conf },
        ],
      },
      'networks[1].name: "a" is given twice',
    ],
  ]);
});

test('runtime says how a run behaves', () => {
  keeps(runtime, [{ interactive: false, debug: true, graceMs: 10000 }]);
  refuses(runtime, [
    [{ interactive: false, debug: true }, 'graceMs: missing'],
    [{ interactive: 1, debug: true, graceMs: 0 }, 'interactive: expected true or false, got 1'],
  ]);
});

test('netInfo lists what each network gave', () => {
  keeps(netInfo, [
    [],
    [
      {
        netName: 'default',
        ifName: 'eth0',
        ip: '172.16.28.2',
        mask: '255.255.255.0',
        hostIP: '172.16.28.1',
        ips: ['172.16.28.2/24', 'fd00::2/64'],
        args: '',
        netConf: '',
        pluginPath: '/usr/lib/cni/ptp',
      },
    ],
  ]);
  refuses(netInfo, [
    [[{ netName: 'a', ifName: 'eth0', ip: 'x' }], '[0].ip: expected an IP address, got "x"'],
  ]);
});
