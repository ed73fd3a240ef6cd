import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { CompiledRun } from './compile.ts';

/**
 * Writes what stage1 reads into a pod's directory. After a crash of the machine the pod does not run any more, and whoever
 * reads it then copes with broken files. What is forced to the disk is what `gc` needs to give addresses back: they are
 * files on the host and would outlive the crash.
 */
export function writeDocuments(
  directory: string,
  { documents, etcFiles }: CompiledRun,
  stage1: string,
): void {
  const { sandbox, network, runtime, apps } = documents;
  for (const name of ['etc', 'shm', 'status']) mkdirSync(join(directory, name), { recursive: true });
  for (const { name, content } of etcFiles) writeFileSync(join(directory, 'etc', name), content);
  const sync = network.mode === 'cni';
  replaceFile(join(directory, 'stage1'), `${stage1}\n`, { sync }); // which `gc` will call to tear down
  replaceFile(join(directory, 'network.json'), json(network), { sync });
  writeJson(join(directory, 'sandbox.json'), sandbox);
  writeJson(join(directory, 'runtime.json'), runtime);
  for (const [name, config] of Object.entries(apps))
    writeJson(join(directory, 'apps', name, 'config.json'), config);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, json(value));
}

function json(value: unknown): string {
  return `${formatJson(value, 2)}\n`;
}
