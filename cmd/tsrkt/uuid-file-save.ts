import { writeFileSync } from 'node:fs';
import type { Flags } from '../flag.ts';

export const UUID_FILE_SAVE_FLAG = {
  'uuid-file-save': {
    kind: 'string',
    value: 'FILE',
    describe: "write the pod's UUID there as soon as it has one",
  },
} as const satisfies Flags;

export function saveUuid(path: string | undefined, uuid: string): void {
  if (path !== undefined) writeFileSync(path, `${uuid}\n`);
}
