import { readFileSync } from 'node:fs';
import { libc } from './call.ts';
import { UMOUNT } from './mount.ts';

/** Detaches every mount at or below a directory, the innermost first; those in use go when they are not any more. */
export function unmountBelow(directory: string): void {
  const mine = parseMountPoints(readFileSync('/proc/self/mountinfo', 'latin1')).filter((point) =>
    isAtOrBelow(point, Buffer.from(directory).toString('latin1')),
  );
  for (const point of mine.reverse())
    libc(
      'umount2',
      [Buffer.from(`${point}\0`, 'latin1'), UMOUNT.MNT_DETACH | UMOUNT.UMOUNT_NOFOLLOW],
      `unmount ${point}`,
    );
}

/** The mount points of a mountinfo file (proc_pid_mountinfo(5)), in the order of mounting: the fifth field, octal escapes undone. */
export function parseMountPoints(mountinfo: string): readonly string[] {
  const lines = mountinfo.split('\n').filter((line) => line !== '');
  return lines.map((line) =>
    (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    ),
  );
}

function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
