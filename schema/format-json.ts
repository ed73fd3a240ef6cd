/**
 * `JSON.stringify` of plain data, but bigints (the 64-bit numbers of OCI documents) are written as the integers they are.
 * `indent` spaces per level; 0 writes one line.
 */
export function formatJson(value: unknown, indent = 0): string {
  return format(value, ' '.repeat(indent), '\n');
}

function format(value: unknown, indent: string, newline: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = newline + indent;
  if (Array.isArray(value)) {
    return bracket(
      '[',
      ']',
      value.map((each) => format(each, indent, inner)),
      indent,
      newline,
    );
  }
  const colon = indent === '' ? ':' : ': ';
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  const lines = members.map(([key, each]) => `${JSON.stringify(key)}${colon}${format(each, indent, inner)}`);
  return bracket('{', '}', lines, indent, newline);
}

function bracket(
  open: string,
  close: string,
  lines: readonly string[],
  indent: string,
  newline: string,
): string {
  if (indent === '' || lines.length === 0) return open + lines.join(',') + close;
  return open + newline + indent + lines.join(`,${newline}${indent}`) + newline + close;
}
