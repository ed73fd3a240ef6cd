import type { Mount } from '../../schema/runtime-config.ts';

/** The directories an overlay is made of, as they are on the disk. */
export interface OverlayDirectories {
  readonly lower: readonly string[];
  /** Undefined for one that cannot be written. */
  readonly upper: string | undefined;
}

/** Reads them from a mount's options: `:` separates lower directories where no `\` stands before it (overlayfs.rst). */
export function overlayDirectories({ options = [] }: Mount): OverlayDirectories {
  const value = (key: string) =>
    options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const lower = value('lowerdir')?.match(/(?:\\.|[^\\:])+/gs) ?? [];
  const upper = value('upperdir');
  return { lower: lower.map(withoutEscapes), upper: upper === undefined ? undefined : withoutEscapes(upper) };
}

function withoutEscapes(path: string): string {
  return path.replace(/\\(.)/gs, '$1');
}
