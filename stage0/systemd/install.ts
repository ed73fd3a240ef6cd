import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { type ShippedFile, shippedFiles } from './shipped-files.ts';

/** systemd did not take what was installed. */
export class InstallError extends Error {
  readonly code = 'ERR_INSTALL';
}

export interface Installation {
  /** Where the file system begins that is installed into; `/` is this machine's. */
  readonly root: string;
  /** The executable that the units start. */
  readonly tsrkt: string;
}

/** Writes the files that make tsrkt a part of the system; the paths of those that were not there already. */
export function installFiles({ root, tsrkt }: Installation): readonly string[] {
  return shippedFiles(tsrkt).flatMap((file) => (isThere(root, file) ? [] : [write(root, file)]));
}

function isThere(root: string, { path, content }: ShippedFile): boolean {
  try {
    return readFileSync(join(root, path), 'utf8') === content;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function write(root: string, { path, content, mode }: ShippedFile): string {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  replaceFile(place, content, { mode });
  return place;
}

/** Whether systemd runs here (sd_booted(3)). */
export function isSystemdBooted(): boolean {
  return existsSync('/run/systemd/system');
}

/** Makes this machine take up what installFiles() wrote: the group, the directories, the units, the timer. */
export function activate(): void {
  call('systemd-sysusers', ['/etc/sysusers.d/tsrkt.conf']);
  call('systemd-tmpfiles', ['--create', '/etc/tmpfiles.d/tsrkt.conf']);
  call('systemctl', ['daemon-reload']);
  call('systemctl', ['enable', '--now', '--quiet', 'tsrkt-gc.timer']);
}

function call(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' });
  } catch (cause) {
    const { stderr = '', code } = cause as { stderr?: string; code?: string };
    throw new InstallError(`${program} ${args.join(' ')}: ${stderr.trim() || code}`, { cause });
  }
}
