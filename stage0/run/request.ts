import type { PodNetwork, Runtime } from '../../schema/pod-files.ts';
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
  /** What apps print goes to the journal, wherever our own output goes. */
  readonly journal?: boolean;
  readonly debug: boolean;
  /** What ends the pod: the first app that fails (if nothing is said), any app that ends, or only the end of all. */
  readonly exitOn?: Runtime['exitOn'];
  /** The pod is changed while it runs: its apps come later, with files of this kind. */
  readonly mutable?: { readonly overlay: boolean };
  /** `--mds-register`: the apps can ask the metadata service who they are. */
  readonly registers?: boolean;
  /** How they reach it, once the pod is registered. */
  readonly metadata?: Runtime['metadata'];
  /** By how many seconds the clocks since boot are off in the pod. */
  readonly timeOffset?: number | undefined;
  readonly hostIpc: boolean;
  /** `--insecure-options=capabilities`. */
  readonly allCapabilities: boolean;
  /** `--insecure-options=paths`. */
  readonly insecurePaths: boolean;
  /** `--insecure-options=seccomp`. */
  readonly insecureSeccomp: boolean;
}
