import { writeFileSync } from 'node:fs';
import { formatIdMap, type IdMap } from '../../linux/id-map.ts';
import { findProgram } from '../network/find-program.ts';
import { HOST_PATH, type HostProgramRunner } from '../network/runner.ts';
import type { IdMaps } from './plan-maps.ts';

/** Ids that cannot be mapped. */
export class IdMapError extends Error {
  readonly code = 'ERR_ID_MAP';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Maps any ids into the user namespace of a process; for root of the namespace above. */
export function writeMaps(pid: number, { uids, gids }: IdMaps): void {
  writeFileSync(`/proc/${pid}/gid_map`, formatIdMap(gids));
  writeFileSync(`/proc/${pid}/uid_map`, formatIdMap(uids));
}

/** Maps the caller alone: everyone may who gives up setgroups(2) in the namespace (user_namespaces(7)). */
export function writeOwnMaps(pid: number, maps: IdMaps): void {
  writeFileSync(`/proc/${pid}/setgroups`, 'deny');
  writeMaps(pid, maps);
}

/** Has shadow's set-user-ID programs map the ids that /etc/subuid and /etc/subgid give the caller. */
export function writeGivenMaps(pid: number, { uids, gids }: IdMaps, run: HostProgramRunner): void {
  writeGivenMap('newuidmap', pid, uids, run);
  writeGivenMap('newgidmap', pid, gids, run);
}

/** Whether this host has these programs. */
export function hasMappers(): boolean {
  return ['newuidmap', 'newgidmap'].every((name) => findProgram(name, HOST_PATH.split(':')) !== undefined);
}

function writeGivenMap(name: string, pid: number, map: IdMap, run: HostProgramRunner): void {
  const path = findProgram(name, HOST_PATH.split(':'));
  if (path === undefined) throw new IdMapError(`map ids: this host has no ${name}`, INSTALL);
  const numbers = map.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  const argv = [name, pid, ...numbers].map(String);
  const { status, stderr } = run({ path, argv, env: { PATH: HOST_PATH }, stdin: '' });
  if (status !== 0) throw new IdMapError(`map ids: ${stderr.trim() || `${name}: exit status ${status}`}`);
}

const INSTALL = 'install the Debian package uidmap';
