import type { Mount } from '../../schema/runtime-config.ts';

/** An overlay root file system: the image's tree below, what the app changes above. `work` is the kernel's. */
export interface Overlay {
  readonly lower: string;
  readonly upper: string;
  readonly work: string;
}

/** The mount of an app's root. The kernel cuts its options at `,` and `lowerdir` at `:` where no `\` stands before (overlayfs.rst). */
export function overlayMount({ lower, upper, work }: Overlay): Mount {
  const options = [
    `lowerdir=${escapePath(lower).replaceAll(':', '\\:')}`,
    `upperdir=${escapePath(upper)}`,
    `workdir=${escapePath(work)}`,
  ];
  return { destination: '/', type: 'overlay', source: 'overlay', options };
}

function escapePath(path: string): string {
  return path.replace(/[\\,]/g, '\\$&');
}
