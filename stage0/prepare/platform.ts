import type { HostPlatform } from '../../image/reference/appc.ts';
import { type Labels, labelValue } from '../../schema/label.ts';
import { PrepareError } from './prepare-error.ts';

/** appc's labels of this machine. */
export function hostPlatform(): HostPlatform {
  return { os: 'linux', arch: process.arch === 'arm64' ? 'aarch64' : 'amd64' };
}

/** What else a machine runs beside its own. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = { amd64: ['i386'] };

/** Refuses an image that is not for Linux on this architecture, or does not say. */
export function checkRunnable(image: string, labels: Labels, host: HostPlatform): void {
  const name = JSON.stringify(image);
  const os = labelValue(labels, 'os');
  const arch = labelValue(labels, 'arch');
  if (os === undefined) throw new PrepareError(`image ${name}: missing os label in the image manifest`);
  if (arch === undefined) throw new PrepareError(`image ${name}: missing arch label in the image manifest`);
  const isRunnable = arch === host.arch || ALSO_RUNS[host.arch]?.includes(arch);
  if (os === host.os && isRunnable) return;
  throw new PrepareError(`image ${name} is for ${os}/${arch}: this machine runs ${host.os}/${host.arch}`);
}
