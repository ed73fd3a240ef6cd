import type { Mount } from '../../schema/runtime-config.ts';
import { fileMount } from '../runtime-config/default-mounts.ts';
import { type Hosts, hostsFile } from './hosts.ts';
import type { ResolvConf } from './resolv-conf.ts';

export interface EtcRequest {
  readonly hostname: string;
  readonly hosts: Hosts;
  readonly resolvConf: ResolvConf;
}

/** A file the pod has for its apps: its name in `etc/`, its content, and whether an image's own goes before it. */
export interface EtcFile {
  readonly name: 'hostname' | 'hosts' | 'resolv.conf';
  readonly content: string;
  readonly imageFirst: boolean;
}

/** The files of a pod's `etc/`. `readHost` reads a file of the host, for `--dns=host` and `--hosts-entry=host`. */
export function planEtcFiles(request: EtcRequest, readHost: (path: string) => string): readonly EtcFile[] {
  const { hostname, hosts, resolvConf } = request;
  const files: EtcFile[] = [{ name: 'hostname', content: `${hostname}\n`, imageFirst: false }];
  if (hosts.from === 'host')
    files.push({ name: 'hosts', content: readHost('/etc/hosts'), imageFirst: false });
  else
    files.push({
      name: 'hosts',
      content: hostsFile(hostname, hosts.from === 'flags' ? hosts.lines : []),
      imageFirst: hosts.from === 'image',
    });
  const content = resolvConfContent(resolvConf, readHost);
  if (content !== undefined) files.push({ name: 'resolv.conf', content, imageFirst: false });
  return files;
}

function resolvConfContent(resolvConf: ResolvConf, readHost: (path: string) => string): string | undefined {
  if (resolvConf.from === 'flags') return resolvConf.content;
  return resolvConf.from === 'host' ? readHost('/etc/resolv.conf') : undefined;
}

/** The binds of these files into an app; `imageHas` tells whether its image has a file of its own at a path. */
export function etcMounts(
  podDirectory: string,
  files: readonly EtcFile[],
  imageHas: (path: string) => boolean,
): readonly Mount[] {
  return files
    .filter(({ name, imageFirst }) => !(imageFirst && imageHas(`/etc/${name}`)))
    .map(({ name }) => fileMount(`${podDirectory}/etc/${name}`, `/etc/${name}`));
}
