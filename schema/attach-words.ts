/** What can be attached to, in the words of `tsrkt attach --mode`. */
export const ATTACH_ENDPOINTS = ['tty-in', 'tty-out', 'stdin', 'stdout', 'stderr'] as const;
export type Endpoint = (typeof ATTACH_ENDPOINTS)[number];

/** `auto`: all there is. `list`: say what there is. `tty`: the terminal in both directions. Or some of the endpoints, separated by commas. */
export function isAttachMode(text: string): boolean {
  const names: readonly string[] = ATTACH_ENDPOINTS;
  return ['auto', 'list', 'tty'].includes(text) || text.split(',').every((name) => names.includes(name));
}

/** `ctrl-p,ctrl-q`: letters, or ctrl- and a letter or one of `@ [ \ ] ^ _`, as bytes. Undefined where it is nothing like that. */
export function parseDetachKeys(text: string): Buffer | undefined {
  const keys = text === '' ? [] : text.split(',').map(parseKey);
  return keys.every((key) => key !== undefined) && keys.length <= 16 ? Buffer.from(keys) : undefined;
}

function parseKey(key: string): number | undefined {
  const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
  return /^[!-~]$/.test(key) ? key.charCodeAt(0) : undefined;
}
