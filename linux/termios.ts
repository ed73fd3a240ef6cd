import { libc } from './call.ts';
import { callInt } from './libc.ts';
import { hasCode } from './system-error.ts';

/** sizeof(struct termios) of glibc. */
const TERMIOS_SIZE = 60;
/** bits/termios.h */
const TCSANOW = 0;
const ICANON = 0o2;
const VEOF = 4;

/** tcgetattr(3): the modes of a terminal. Of a pty's master, Linux answers with those of its slave. */
export function getTermios(fd: number): Buffer {
  const bytes = Buffer.alloc(TERMIOS_SIZE);
  libc('tcgetattr', [fd, bytes], 'read terminal modes');
  return bytes;
}

/** tcsetattr(3). From a background process this raises SIGTTOU, which stops it unless the signal is blocked. */
export function setTermios(fd: number, termios: Buffer): void {
  libc('tcsetattr', [fd, TCSANOW, termios], 'set terminal modes');
}

/** cfmakeraw(3): the same terminal with every byte passed on at once and as it is. Returns new modes. */
export function rawTermios(termios: Buffer): Buffer {
  const raw = Buffer.from(termios);
  callInt('cfmakeraw', [raw]); // returns void: there is no error to look at
  return raw;
}

/** Puts a terminal into raw mode. Disposing gives it its modes back; that the terminal is gone by then is no error. */
export function enterRawMode(fd: number): Disposable {
  const saved = getTermios(fd);
  setTermios(fd, rawTermios(saved));
  return { [Symbol.dispose]: () => restoreTermios(fd, saved) };
}

/** Whether input is collected into lines (ICANON): c_lflag is at 12. */
export function isCanonical(termios: Buffer): boolean {
  return (termios.readUInt32LE(12) & ICANON) !== 0;
}

/** The byte that means end of file in canonical mode, usually 4 (Ctrl-D): c_cc begins at 17. */
export function eofCharacter(termios: Buffer): number {
  return termios.readUInt8(17 + VEOF);
}

function restoreTermios(fd: number, saved: Buffer): void {
  try {
    setTermios(fd, saved);
  } catch (error) {
    if (!hasCode(error, 'EIO', 'ENOTTY', 'EBADF')) throw error;
  }
}
