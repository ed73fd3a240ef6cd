import { chmodSync, chownSync, copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dist, type Ended, runProgram, temporaryDirectory } from './executable.ts';
import { makeBox } from './pod-image.ts';

export interface OrdinaryUser {
  readonly uid: number;
  readonly gid: number;
}

/** Who has ranges in /etc/subuid and /etc/subgid (scripts/test-user.mjs makes it); undefined where there is no such user. */
export function userWithRanges(): OrdinaryUser | undefined {
  const { status, stdout } = runProgram('id', ['-u', 'tsrkt-test']);
  if (status !== 0) return undefined;
  return { uid: Number(stdout), gid: Number(runProgram('id', ['-g', 'tsrkt-test']).stdout) };
}

/** Whom nobody has heard of: without a name, and without ranges. */
export const loneUser: OrdinaryUser = { uid: 64321, gid: 64322 };

/** What an ordinary user needs: the programs, an image of busybox and a home where their data are. */
export async function home({ uid, gid }: OrdinaryUser) {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  const programs = join(directory.path, 'programs');
  copyPrograms(programs);
  const image = join(directory.path, 'box.aci');
  await makeBox(join(directory.path, 'rootfs'), image);
  const path = join(directory.path, 'home');
  mkdirSync(path);
  chownSync(path, uid, gid);
  const argv = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', join(programs, 'tsrkt')];
  const environment = { HOME: path, XDG_DATA_HOME: '', XDG_CONFIG_HOME: '' };
  const tsrkt = (args: readonly string[]): Ended =>
    withoutWarning(
      runProgram('setpriv', [...argv, '--insecure-options=image', ...args], { env: environment, cwd: path }),
    );
  return { ...directory, path, data: join(path, '.local/share/tsrkt'), image, argv, environment, tsrkt };
}

/** The checkout may be where only root comes. */
function copyPrograms(to: string): void {
  mkdirSync(to);
  const files = readdirSync(dist, { withFileTypes: true }).filter((each) => each.isFile()); // man pages are a directory
  for (const name of files.map((each) => each.name).filter((each) => !each.startsWith('.'))) {
    try {
      linkSync(join(dist, name), join(to, name));
    } catch {
      copyFileSync(join(dist, name), join(to, name)); // another file system
    }
  }
}

/** Without what depends on who has signed the image, which nobody has, and on where the tests run. */
function withoutWarning({ stderr, ...others }: Ended): Ended {
  const expected =
    /^(?:[a-z-]+: warning: image .* is let through|stage1: warning: apps have no cgroups).*\n/gm;
  return { ...others, stderr: stderr.replace(expected, '') };
}
