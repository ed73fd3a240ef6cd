import { type Decoder, parsed } from './decode.ts';

/** A UUID as RFC 4122 writes it, in lower case: `6733C088-…` is read, `6733c088-…` is what it becomes. */
export type Uuid = string & { readonly __brand: 'Uuid' };

export const uuid: Decoder<Uuid> = parsed((text) => {
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  return isUuid ? (text.toLowerCase() as Uuid) : undefined;
}, 'a UUID');

export function parseUuid(text: string): Uuid {
  return uuid(text);
}

/** Whether `text` is a UUID in its canonical form, so that it can be a pod directory's name. */
export function isUuid(text: string): text is Uuid {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
