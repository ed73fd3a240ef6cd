import { existsSync, readFileSync } from 'node:fs';
import { getRlimit } from '../../linux/get-rlimit.ts';
import { givenDescriptors } from '../../linux/listening-socket.ts';
import { ownCapabilities } from '../../linux/own-capabilities.ts';
import { isInitialUserNamespace, type NamespaceIds, readNamespaceIds } from '../../linux/user-namespace.ts';
import { type BlockDevice, readBlockDevices } from '../isolation/block-devices.ts';
import { type HostFile, readHostFile } from '../volumes/host-file.ts';

/** What the translation of a pod asks about the machine. */
export interface HostView {
  /** A file's content, for --dns=host and --hosts-entry=host. */
  readonly readFile: (path: string) => string;
  /** What there is at a path, for volumes; undefined: nothing. */
  readonly hostFile: (path: string) => HostFile | undefined;
  /** The whole disks. */
  readonly blockDevices: () => readonly BlockDevice[];
  /** Our own capabilities. */
  readonly capabilities: readonly string[];
  /** The hard limit of open files that apps can have. */
  readonly maxOpenFiles: bigint;
  /** The service manager has given us sockets it listens on (sd_listen_fds(3)). */
  readonly hasSockets: boolean;
  /** Whether the kernel has IPv6 at all. */
  readonly hasIpv6: boolean;
  /** Who exists in the user namespace we are in; undefined in the first one, where all do. */
  readonly userNamespace?: NamespaceIds | undefined;
}

/** This machine, as it is for this process. */
export function hostView(): HostView {
  return {
    readFile: (path) => readFileSync(path, 'utf8'),
    hostFile: readHostFile,
    blockDevices: readBlockDevices,
    capabilities: ownCapabilities(),
    maxOpenFiles: getRlimit('RLIMIT_NOFILE').hard,
    hasSockets: givenDescriptors(process.env, process.pid).length > 0,
    hasIpv6: existsSync('/proc/sys/net/ipv6'),
    userNamespace: isInitialUserNamespace() ? undefined : readNamespaceIds(),
  };
}
