import { libc } from './call.ts';
import { callInt } from './libc.ts';

/** asm-generic/ioctls.h: the same on x86-64 and arm64. */
export const TIOC = {
  TIOCSCTTY: 0x540e,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  TIOCGPTPEER: 0x5441,
  TIOCSPTLCK: 0x40045431,
} as const;

/** The size of a terminal in characters; 0 when unknown. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** isatty(3). */
export function isTerminal(fd: number): boolean {
  return callInt('isatty', [fd]).value === 1;
}

export function getWindowSize(fd: number): WindowSize {
  const bytes = packWindowSize({ rows: 0, columns: 0 });
  libc('ioctl', [fd, TIOC.TIOCGWINSZ, bytes], 'read the window size');
  return { rows: bytes.readUInt16LE(0), columns: bytes.readUInt16LE(2) };
}

/** Sets the size; a real change sends SIGWINCH to the terminal's foreground process group. */
export function setWindowSize(fd: number, size: WindowSize): void {
  libc('ioctl', [fd, TIOC.TIOCSWINSZ, packWindowSize(size)], 'set the window size');
}

/** struct winsize: ws_row at 0, ws_col at 2, ws_xpixel at 4, ws_ypixel at 6; 8 bytes. */
export function packWindowSize({ rows, columns }: WindowSize): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(rows, 0);
  bytes.writeUInt16LE(columns, 2);
  return bytes;
}
