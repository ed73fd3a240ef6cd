import { readFileSync } from 'node:fs';
import { mustRun } from './run-command.mjs';

/** The ordinary user that tests become where they show what works without root. */
export const testUser = 'tsrkt-test';

/** Creates the test user with a range of subordinate ids, when root runs this and it is not there. */
export function ensureTestUser() {
  if (process.getuid?.() !== 0) return;
  if (!hasEntry('/etc/passwd')) mustRun('useradd', ['--create-home', '--shell', '/bin/sh', testUser]);
  if (!hasEntry('/etc/subuid')) mustRun('usermod', ['--add-subuids', freeRange('/etc/subuid'), testUser]);
  if (!hasEntry('/etc/subgid')) mustRun('usermod', ['--add-subgids', freeRange('/etc/subgid'), testUser]);
}

function hasEntry(file) {
  return linesOf(file).some((line) => line.startsWith(`${testUser}:`));
}

/** The 65536 ids after the last range given away. */
function freeRange(file) {
  const ends = linesOf(file).map((line) =>
    line
      .split(':')
      .slice(1)
      .map(Number)
      .reduce((a, b) => a + b, 0),
  );
  const first = Math.max(100_000, ...ends);
  return `${first}-${first + 65_535}`;
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
