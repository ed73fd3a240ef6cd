/**
 * `JSON.stringify`, but bigints (the 64-bit numbers of OCI documents) are written as the plain integers they are.
 * `indent` spaces per level; 0 writes one line.
 */
export function formatJson(value: unknown, indent = 0): string {
  const marked = JSON.stringify(
    value,
    (_key, each) => (typeof each === 'bigint' ? `${mark}${each}` : escapeMark(each)),
    indent,
  );
  return marked.replace(/"\u{e000}(-?\d+)"/gu, '$1').replaceAll(`${mark}${mark}`, mark);
}

/** Stands before a bigint's digits inside a string. JSON.rawJSON, which would do without, is missing in Node 20. */
const mark = '\u{e000}';

/** A mark in a real string is doubled, so that it cannot pass for a bigint. */
function escapeMark(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(mark, mark + mark) : value;
}
