import { type Decoder, parsed } from '../schema/decode.ts';

/** Bytes written as padded base64 (RFC 4648 §4), and in no other way. */
export const base64: Decoder<Buffer> = parsed((text) => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}, 'base64');
