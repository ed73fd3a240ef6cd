import { TrustError } from '../trust-error.ts';

/** One `-----BEGIN PGP …-----` to `-----END PGP …-----`, both lines included. */
export interface ArmorBlock {
  readonly type: string;
  readonly text: string;
}

/** Whether these are bare OpenPGP packets: every packet header has its top bit set, and armor is ASCII (RFC 9580 §4.2). */
export function isBinaryOpenpgp(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0;
}

/**
 * Every armor block of a file, in order; text around them is a comment. The OpenPGP library reads only the first one, so a
 * file of two concatenated signatures or keys would silently lose the second.
 */
export function armorBlocks(bytes: Uint8Array): readonly ArmorBlock[] {
  const text = Buffer.from(bytes).toString('latin1');
  const marks = [...text.matchAll(/^-----(BEGIN|END) ([A-Z0-9 ,/]{1,60})-----[ \t\r]*$/gm)];
  const blocks: ArmorBlock[] = [];
  for (let index = 0; index < marks.length; index += 2) {
    const [begin, end] = marks.slice(index, index + 2);
    const type = String(begin?.[2]);
    if (begin?.[1] !== 'BEGIN' || end?.[1] !== 'END' || end[2] !== type) throw unfinished(type);
    blocks.push({ type, text: `${text.slice(begin.index, end.index)}${end[0]}\n` });
  }
  return blocks;
}

function unfinished(type: string): TrustError {
  return new TrustError('ERR_SIGNATURE_FORMAT', `${type} block does not begin and end`);
}
