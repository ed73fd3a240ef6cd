/**
 * Text from a key or signature, safe to print: control characters and marks that reorder or hide text are escaped
 * (CVE-2018-12020: a user ID forged status lines), and it is cut at `limit` characters.
 */
export function printable(text: string, limit = 200): string {
  const cut = text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
