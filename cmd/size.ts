const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A number of bytes for people: `1.9 MiB`, `12 MiB`, as go-humanize writes it. */
export function formatSize(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** exponent;
  const digits = exponent > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[exponent]}`;
}
