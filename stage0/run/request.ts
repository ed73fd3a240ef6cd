import type { PodNetwork } from '../../schema/pod-files.ts';
import type { Hosts } from '../etc-files/hosts.ts';
import type { ResolvConf } from '../etc-files/resolv-conf.ts';
import type { Flavor } from '../flavor/flavor.ts';

/** How a pod is to be run: everything `run` and `run-prepared` let the user say, checked. */
export interface RunRequest {
  readonly flavor: Flavor;
  readonly network: PodNetwork;
  readonly resolvConf: ResolvConf;
  readonly hosts: Hosts;
  /** Undefined: one made of the UUID. */
  readonly hostname: string | undefined;
  readonly interactive: boolean;
  readonly debug: boolean;
  readonly hostIpc: boolean;
  /** `--insecure-options=capabilities`. */
  readonly allCapabilities: boolean;
  /** `--insecure-options=paths`. */
  readonly insecurePaths: boolean;
  /** `--insecure-options=seccomp`. */
  readonly insecureSeccomp: boolean;
}
