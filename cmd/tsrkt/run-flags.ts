import { oneOf } from '../../schema/decode.ts';
import type { Flavor, RunWish } from '../../stage0/api.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import type { Globals } from './globals.ts';
import { integerFlag } from './integer-flag.ts';

/** The flags of `run` and `run-prepared` that say how a pod is run. */
export const RUN_FLAGS = {
  net: {
    kind: 'list',
    value: 'NETWORK,…',
    bare: 'default',
    describe: "the pod's networks: default, default-restricted, those of net.d; or host, none or all alone",
  },
  dns: { kind: 'list', value: 'IP', describe: 'name servers; or host or none alone' },
  'dns-search': { kind: 'list', value: 'DOMAIN', describe: 'search list for host names' },
  'dns-opt': { kind: 'list', value: 'OPTION', describe: 'options of the resolver' },
  'dns-domain': { kind: 'string', value: 'DOMAIN', describe: "the pod's own domain" },
  'hosts-entry': {
    kind: 'list',
    value: 'IP=NAME,…',
    describe: "lines of /etc/hosts; or host for the host's",
  },
  hostname: { kind: 'string', value: 'NAME', describe: "the pod's host name (default tsrkt-UUID)" },
  interactive: { kind: 'boolean', describe: 'give the app a terminal; one image only' },
  journal: {
    kind: 'boolean',
    describe: 'what apps print goes to the systemd journal; it does where standard output does',
  },
  'mds-register': { kind: 'boolean', describe: 'let apps ask the metadata service who they are' },
  ipc: { kind: 'string', value: 'MODE', describe: "auto, private, or parent to share the caller's IPC" },
  'exit-on': {
    kind: 'string',
    value: 'END',
    describe: 'what ends the pod: failure of an app (default), any end of one, or the end of all',
  },
  'time-offset': {
    kind: 'string',
    value: 'SECONDS',
    describe: 'put the clocks since boot forward in the pod, or back',
  },
  stage1: {
    kind: 'string',
    value: 'FLAVOR',
    describe: 'default, or fly: one app that has files of its own and nothing else, for programs of the host',
  },
} as const satisfies Flags;

/** How the flags ask a pod to be run. */
export function runWish(values: FlagValues<typeof RUN_FLAGS>, { debug }: Globals): RunWish {
  return {
    flavor: parseFlavor(values.stage1),
    net: values.net,
    dns: values.dns,
    dnsSearch: values['dns-search'],
    dnsOptions: values['dns-opt'],
    dnsDomain: values['dns-domain'],
    hostsEntries: values['hosts-entry'],
    hostname: values.hostname,
    interactive: values.interactive,
    journal: values.journal,
    debug,
    exitOn: exitOn(values['exit-on'] ?? 'failure', '--exit-on'),
    timeOffset: timeOffset(values['time-offset']),
    registers: registers(values),
    hostIpc: isHostIpc(values.ipc),
  };
}

const exitOn = oneOf('failure', 'any', 'all');

function registers({ 'mds-register': wanted, net }: FlagValues<typeof RUN_FLAGS>): boolean {
  if (wanted && net.includes('none'))
    throw new UsageError('--mds-register flag does not work with --net=none');
  return wanted;
}

function timeOffset(text: string | undefined): number | undefined {
  return text === undefined ? undefined : integerFlag('time-offset', text, -1_000_000_000, 1_000_000_000);
}

function parseFlavor(name = 'default'): Flavor {
  if (name === 'default' || name === 'fly') return name;
  throw new UsageError(`--stage1: expected default or fly, got ${JSON.stringify(name)}`);
}

function isHostIpc(mode = 'auto'): boolean {
  if (mode === 'auto' || mode === 'private') return false;
  if (mode === 'parent') return true;
  throw new UsageError(`--ipc: expected auto, private or parent, got ${JSON.stringify(mode)}`);
}
