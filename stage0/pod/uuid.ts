/** A pod's UUID (RFC 4122), in lower case. */
export type Uuid = string & { readonly brand: 'Uuid' };

export function isUuid(text: string): text is Uuid {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
