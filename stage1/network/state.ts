import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { anything, type Infer, object, record } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import { decodeJson } from '../../schema/json.ts';

/**
 * `net-state.json` in the pod's directory: while it exists, networks of the pod may be set up. It is written before the
 * first plugin runs, so that whatever is killed at whatever moment, `stage1 gc` knows that there is something to take down.
 */
export type NetworkState = Infer<typeof networkState>;

const networkState = object({
  /** What ADD printed, by the name of the network, for the `prevResult` of DEL. */
  results: record(anything),
});

const FILE = 'net-state.json';

/** Undefined when no network was begun. A damaged file tells as much as an empty one: that some were. */
export function readState(podDirectory: string): NetworkState | undefined {
  try {
    return decodeJson(readFileSync(join(podDirectory, FILE)), networkState, { what: FILE });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof DecodeError) return { results: {} };
    throw error;
  }
}

/** That networks were begun must survive a power loss, for addresses do; what they gave need not. */
export function writeState(podDirectory: string, state: NetworkState): void {
  const isFirst = Object.keys(state.results).length === 0;
  replaceFile(join(podDirectory, FILE), formatJson(state), { sync: isFirst });
}

export function removeState(podDirectory: string): void {
  rmSync(join(podDirectory, FILE), { force: true });
}
