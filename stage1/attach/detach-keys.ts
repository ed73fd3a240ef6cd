/** Finds the keys that end an attachment among what is typed. */
export interface KeyWatch {
  /** What of these bytes is for the app, and whether the keys were complete. The begin of the keys is held back. */
  readonly next: (bytes: Buffer) => { readonly typed: Buffer; readonly isDetached: boolean };
}

export function watchKeys(keys: Buffer): KeyWatch {
  let held = 0; // so many of the keys were typed last
  return {
    next(bytes) {
      const typed: number[] = [];
      for (const byte of bytes) {
        if (keys.length === 0) {
          typed.push(byte);
          continue;
        }
        const all = [...keys.subarray(0, held), byte];
        const kept = longestBegin(all, keys);
        typed.push(...all.slice(0, all.length - kept));
        held = kept;
        if (held === keys.length) return { typed: Buffer.from(typed), isDetached: true };
      }
      return { typed: Buffer.from(typed), isDetached: false };
    },
  };
}

/** How many of the last bytes are how the keys begin. */
function longestBegin(bytes: readonly number[], keys: Buffer): number {
  for (let length = bytes.length; length > 0; length--)
    if (bytes.slice(-length).every((byte, i) => byte === keys[i])) return length;
  return 0;
}
