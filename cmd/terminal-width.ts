import { hasCode } from '../linux/system-error.ts';
import { getWindowSize } from '../linux/tty.ts';

const USUAL = 80;

/** How many characters fit on a line of the terminal; 80 where it does not say. */
export function terminalWidth(fd: number): number {
  try {
    return getWindowSize(fd).columns || USUAL;
  } catch (error) {
    if (hasCode(error, 'ENOTTY', 'EINVAL')) return USUAL;
    throw error;
  }
}
