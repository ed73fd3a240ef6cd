import { tell } from '../output.ts';
import { safeText } from '../safe-text.ts';

/** Tells people the warnings of a command. */
export function warner(command: string): (warning: string) => void {
  return (warning) => tell(`${command}: warning: ${safeText(warning)}`);
}
