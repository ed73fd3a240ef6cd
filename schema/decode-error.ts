/**
 * A value from outside that is not what it has to be: `app.mountPoints[2].path: expected an absolute path, got "x"`.
 * `place` is the way to the value inside its document, empty for the document itself.
 */
export class DecodeError extends Error {
  readonly code = 'ERR_DECODE';
  readonly place: string;
  readonly problem: string;

  constructor(place: string, problem: string) {
    super(place === '' ? problem : `${place}: ${problem}`);
    this.name = 'DecodeError';
    this.place = place;
    this.problem = problem;
  }
}

/** The place of member `key` of the object at `at`: `app.exec`, `annotations["a b"]`. */
export function member(at: string, key: string): string {
  if (!/^[A-Za-z_][\w-]{0,59}$/.test(key)) return `${at}[${show(key)}]`;
  return at === '' ? key : `${at}.${key}`;
}

/** The place of item `index` of the array at `at`: `app.exec[0]`. */
export function item(at: string, index: number): string {
  return `${at}[${index}]`;
}

/** A value from outside as an error may show it: JSON-escaped, on one line, cut at about 60 characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return escapeMarks(JSON.stringify(cut(value)));
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return escapeMarks(cut(String(value)));
}

function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** JSON leaves DEL, C1 controls, and marks that reorder or hide text as they are; a terminal obeys them. */
function escapeMarks(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
