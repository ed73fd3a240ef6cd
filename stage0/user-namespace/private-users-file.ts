import { join } from 'node:path';
import { createFile } from '../../linux/durable-file.ts';
import { boolean, integer, object } from '../../schema/decode.ts';
import { formatJson } from '../../schema/format-json.ts';
import { decodeJson } from '../../schema/json.ts';
import { readPodFile } from '../pod/read-file.ts';
import type { PrivateUsers } from './private-users.ts';

/** The file of a pod that says which ids are its own. All pods' files together are the registry: a range is free when its pod is gone. */
const FILE = 'private-users';

const id = integer(0, 0xffff_fffe);

const document = object({ range: object({ first: id, count: integer(1) }), idmapped: boolean });

export function writePrivateUsers(podDirectory: string, users: PrivateUsers): void {
  createFile(join(podDirectory, FILE), `${formatJson(users)}\n`, { sync: false });
}

/** Undefined: the pod has the ids of the host. */
export function readPrivateUsers(podDirectory: string): PrivateUsers | undefined {
  const text = readPodFile(join(podDirectory, FILE));
  return text === undefined ? undefined : decodeJson(text, document, { what: FILE });
}
