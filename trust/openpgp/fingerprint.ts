/** A primary key's or subkey's OpenPGP fingerprint in lower-case hex: 40 digits (v4) or 64 (v6). */
export type Fingerprint = string & { readonly brand: 'Fingerprint' };

/** Reads a fingerprint as people write it (either case, blanks between groups, `0x` in front); undefined if it is none. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const hex = text.replace(/^0x/i, '').replaceAll(' ', '').toLowerCase();
  return isFingerprint(hex) ? hex : undefined;
}

/** Whether `text` is a fingerprint exactly as key files are named. */
export function isFingerprint(text: string): text is Fingerprint {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The 64-bit key ID that belongs to a fingerprint (RFC 9580 §5.5.4). */
export function keyIdOf(fingerprint: Fingerprint): string {
  return fingerprint.length === 40 ? fingerprint.slice(24) : fingerprint.slice(0, 16);
}

/** `1234 5678 … CDEF`, in groups of four with two blanks in the middle, as gpg and rkt print it for people to compare. */
export function groupedFingerprint(fingerprint: Fingerprint): string {
  const groups = fingerprint.toUpperCase().match(/.{4}/g) ?? [];
  const middle = groups.length / 2;
  return `${groups.slice(0, middle).join(' ')}  ${groups.slice(middle).join(' ')}`;
}
