import type { Mount } from '../../schema/runtime-config.ts';

/** An overlay root file system: the image's layers below, the uppermost first, what the app changes above. `work` is the kernel's. */
export interface Overlay {
  readonly lowers: readonly string[];
  readonly upper: string;
  readonly work: string;
}

/** The mount of an app's root. The kernel cuts its options at `,` and `lowerdir` at `:` where no `\` stands before (overlayfs.rst). */
export function overlayMount({ lowers, upper, work }: Overlay): Mount {
  const options = [
    `lowerdir=${lowers.map((path) => escapePath(path).replaceAll(':', '\\:')).join(':')}`,
    `upperdir=${escapePath(upper)}`,
    `workdir=${escapePath(work)}`,
  ];
  return { destination: '/', type: 'overlay', source: 'overlay', options };
}

function escapePath(path: string): string {
  return path.replace(/[\\,]/g, '\\$&');
}
