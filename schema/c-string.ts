import { type Decoder, matching, refine, string } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';

/** A string that a system call can take: without NUL, which would cut it short. */
export const cString: Decoder<string> = refine(string, (text, at) => {
  if (text.includes('\0')) throw new DecodeError(at, `NUL character in ${show(text)}`);
  return text;
});

/** A C string that is not empty. */
export const nonEmpty: Decoder<string> = refine(cString, (text, at) => {
  if (text === '') throw new DecodeError(at, 'cannot be empty');
  return text;
});

/** A path that begins with `/`. It may still hold `..`, double slashes and symbolic links. */
export const absolutePath: Decoder<string> = matching(/^\/[^\0]*$/, 'an absolute path');
