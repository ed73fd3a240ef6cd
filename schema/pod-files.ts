import { acName } from './ac-name.ts';
import { cString, nonEmpty } from './c-string.ts';
import { networkConfig } from './cni/network-config.ts';
import {
  anything,
  array,
  boolean,
  type Infer,
  integer,
  matching,
  object,
  oneOf,
  optional,
  record,
  string,
  union,
  uniqueArray,
} from './decode.ts';
import { ipAddress, ipNetwork } from './ip.ts';

/** network.json: how the pod is connected. stage0 writes it, stage1 reads it. */
export type PodNetwork = Infer<typeof podNetwork>;
export type CniNetwork = Infer<typeof cniNetwork>;

/** runtime.json: how this run behaves. */
export type Runtime = Infer<typeof runtime>;

/** net-info.json: what the pod got from its networks. stage1 writes it, `list` and `status` read it. */
export type NetInfo = readonly NetInfoEntry[];
export type NetInfoEntry = Infer<typeof netInfoEntry>;

/**
 * `args` is CNI_ARGS (`K=V;K2=V2`). `runtimeConfig` is what plugins get that declare the capability of that name
 * (`portMappings`). The first network is the interface eth0, the next eth1.
 */
const cniNetwork = object({
  name: nonEmpty,
  args: optional(cString),
  runtimeConfig: optional(record(anything)),
  conf: networkConfig,
});

/** A port of the host and the pod's port behind it; without `hostIP` of every address. */
export type PortForward = Infer<typeof portForward>;

const portForward = object({
  hostPort: integer(1, 65_535),
  containerPort: integer(1, 65_535),
  protocol: oneOf('tcp', 'udp'),
  hostIP: optional(ipAddress),
});

export const podNetwork = union('mode', {
  host: object({ mode: oneOf('host') }),
  none: object({ mode: oneOf('none') }),
  cni: object({
    mode: oneOf('cni'),
    networks: uniqueArray(cniNetwork, (each) => each.name, 'name'),
    /** Whether the networks may say what stands in /etc/resolv.conf; true unless `--dns=none`. */
    dns: optional(boolean),
  }),
  /** What a program in user space makes of the sockets an ordinary user may open. */
  user: object({ mode: oneOf('user'), ports: array(portForward) }),
});

/** A port an app is given a socket for that the service manager listens on: on any of its addresses, at `hostPort`. */
export type ActivatedPort = Infer<typeof activatedPort>;

const activatedPort = object({
  name: acName,
  protocol: oneOf('tcp', 'udp'),
  hostPort: integer(1, 65_535),
  hostIP: optional(ipAddress),
});

/** What happens around an app: programs before and after it, and whether it is started again. */
export type AppLife = Infer<typeof appLife>;

const appLife = object({
  preStart: optional(array(cString)),
  postStop: optional(array(cString)),
  /** Whom the handlers run as: root with all that the app's bounding set leaves, or the app's own user. */
  handlersAsRoot: optional(boolean),
  restart: optional(oneOf('no', 'on-failure', 'always')),
});

/** Where the standard streams of an app lead, those that somebody chose; the others where the supervisor's own do. */
export type AppStdio = Infer<typeof appStdio>;

export const inputMode = oneOf('null', 'tty', 'stream');
export const outputMode = oneOf('log', 'null', 'tty', 'stream');

const appStdio = object({
  stdin: optional(inputMode),
  stdout: optional(outputMode),
  stderr: optional(outputMode),
});

/** `graceMs` is the time between SIGTERM and SIGKILL. */
export const runtime = object({
  interactive: boolean,
  /** What apps print goes to the journal, even where our own output does not. */
  journal: optional(boolean),
  debug: boolean,
  graceMs: integer(0),
  /** The apps that say themselves by sd_notify(3) when they are ready. */
  notify: optional(array(acName)),
  /** The ports of each app that are activated by sockets. */
  sockets: optional(record(array(activatedPort))),
  /** Apps reach no abstract UNIX sockets but the pod's own: for pods in the network of the host (CVE-2020-15257). */
  ownSockets: optional(boolean),
  lives: optional(record(appLife)),
  stdio: optional(record(appStdio)),
  /** By which token and port the apps find the metadata service. */
  metadata: optional(object({ token: matching(/^[0-9a-f]{32}$/, 'a token'), port: integer(1, 65_535) })),
  /** The pod lives without apps, and they are added, started, stopped and removed while it runs. What later apps need to know of its making. */
  mutable: optional(
    object({
      /** Whether the changes of an app lie over its image's files; otherwise it has a copy of them. */
      overlay: boolean,
      /** Whether an image's own /etc/hosts goes before the pod's. */
      imageHosts: boolean,
      /** By how many seconds the clocks since boot are off. */
      timeOffset: optional(integer()),
    }),
  ),
  /** What ends the pod; `failure` where nothing is said. A mutable pod is ended by nothing but a signal. */
  exitOn: optional(oneOf('failure', 'any', 'all')),
});

/** The fields of rkt's net-info.json; `ip` and `mask` are those of the first address, `ips` are all. */
const netInfoEntry = object({
  netName: string,
  ifName: string,
  ip: optional(ipAddress),
  mask: optional(string),
  hostIP: optional(ipAddress),
  ips: optional(array(ipNetwork)),
  args: optional(string),
  netConf: optional(string),
  pluginPath: optional(string),
});

export const netInfo = array(netInfoEntry);
