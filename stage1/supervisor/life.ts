import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import {
  array,
  boolean,
  type Infer,
  integer,
  object,
  optional,
  record,
  string,
} from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';

/**
 * What a supervisor must know of its running pod, beyond the documents on disk. While it sleeps this is `supervisor.json`
 * in the pod's directory; the file descriptors in it stay open, under the same numbers.
 */
export type Life = Infer<typeof life>;

const fd = integer(0, 0x7fff_ffff);
const pid = integer(1, 0x7fff_ffff);

const life = object({
  pause: pid,
  /** The pid of each running app, by name. */
  apps: record(pid),
  /** The signalfd all signals come by. */
  signals: fd,
  /** The pod's network namespace, for taking networks down when the pause process is gone. */
  netns: optional(fd),
  /** Descriptors that only have to stay open: reserved ports. */
  kept: array(fd),
  /** The apps that speak sd_notify(3), see stage1/systemd/speaker.ts. */
  speakers: array(
    object({ app: string, socket: fd, isReady: boolean, keepsAlive: boolean, isAlive: boolean }),
  ),
});

const FILE = 'supervisor.json';

export function writeLife(podDirectory: string, value: Life): void {
  replaceFile(join(podDirectory, FILE), JSON.stringify(value), { sync: false });
}

export function readLife(podDirectory: string): Life {
  return decodeJson(readFileSync(join(podDirectory, FILE)), life, { what: FILE });
}
