import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseUuid, type Uuid } from '../../../schema/uuid.ts';
import { createPod } from '../../../stage0/pod/create.ts';
import { movePod } from '../../../stage0/pod/move.ts';
import { POD_DIRECTORIES, type PodDirectory } from '../../../stage0/pod/state.ts';

/** A data directory for a test. */
export interface TestData extends Disposable {
  readonly path: string;
}

export function dataDirectory(): TestData {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'tsrkt-pods-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Where the pods of a data directory are. */
export function podPlaces(data: string): Record<string, string[]> {
  const list = (directory: string) =>
    spawnSync('ls', ['-A', join(data, 'pods', directory)], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean);
  return Object.fromEntries(
    POD_DIRECTORIES.map((directory) => [directory, list(directory)]).filter(([, l]) => l?.length),
  );
}

/** A pod that was made, moved along, and left by its process. `fill` writes files into it. */
export function leavePod(data: string, to: readonly PodDirectory[], fill = (_path: string) => {}): Uuid {
  let pod = createPod(data);
  fill(pod.files);
  for (const directory of to) pod = movePod(data, pod, directory);
  pod[Symbol.dispose]();
  return pod.uuid;
}

/** A program in the place of stage1. */
export function fakeStage1(data: string, script: string): string {
  const path = join(data, 'fake-stage1');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A process that has a pod in `run`, locked, with its own pid in `ppid`. */
export async function runningPod(data: string) {
  const root = join(import.meta.dirname, '../../..');
  mkdirSync(data, { recursive: true });
  const script = `
    import { writeFileSync } from 'node:fs';
    import { createPod } from '${root}/stage0/pod/create.ts';
    import { movePod } from '${root}/stage0/pod/move.ts';
    const pod = movePod(${JSON.stringify(data)}, createPod(${JSON.stringify(data)}), 'run');
    writeFileSync(pod.files + '/ppid', process.pid + '\\n');
    writeFileSync(pod.files + '/pid', process.pid + '\\n');
    process.stdout.write(pod.uuid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [uuid] = await once(child.stdout, 'data');
  return { child, ended, uuid: parseUuid(String(uuid)) };
}
