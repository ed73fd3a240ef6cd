import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { replaceFile, syncDirectory } from '../../linux/durable-file.ts';
import { tryLock } from '../../linux/lock.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { isUuid, type Uuid } from '../../schema/uuid.ts';
import { readPodFile } from '../pod/read-file.ts';
import { type RegisteredPod, type RegistrationFiles, registration } from './registry.ts';

/** A metadata service that cannot serve: another does, or its key is damaged. */
export class MemoryError extends Error {
  readonly code = 'ERR_METADATA_MEMORY';
  readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    if (hint !== undefined) this.hint = hint;
  }
}

/** What a metadata service knows when it is started anew. Disposing lets another service have it. */
export interface Memory extends RegistrationFiles, Disposable {
  /** The service's own secret, for signatures: made once, so that these stay valid. */
  readonly key: Buffer;
  /** Those that were registered and are still wanted. */
  readonly pods: readonly RegisteredPod[];
}

export interface Wanted {
  /** Whether a pod may still ask; what is kept of others is removed. */
  readonly isWanted: (uuid: Uuid) => boolean;
  readonly onWarning: (warning: string) => void;
}

const KEY_BYTES = 64;
const PRIVATE = { mode: 0o600 };

/**
 * Opens what the service of a data directory keeps: `metadata/key`, in hexadecimal, and `metadata/UUID.json`, with what a pod
 * was registered with and its token. Throws MemoryError while another process has it open.
 */
export function openMemory(dataDirectory: string, wanted: Wanted): Memory {
  const directory = join(dataDirectory, 'metadata');
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  const lock = tryLock(directory, 'exclusive');
  if (lock === undefined)
    throw new MemoryError(`serve the metadata of pods in ${dataDirectory}: another service does`);
  try {
    const pathOf = (uuid: Uuid) => join(directory, `${uuid}.json`);
    return {
      key: readKey(join(directory, 'key')),
      pods: readRegistrations(directory, wanted),
      save: (uuid, received) => replaceFile(pathOf(uuid), received, PRIVATE),
      forget(uuid) {
        rmSync(pathOf(uuid), { force: true });
        syncDirectory(directory);
      },
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** The key that is there, or a new one. Nobody is given another key in silence: no signature would be valid any more. */
function readKey(path: string): Buffer {
  const text = readPodFile(path);
  if (text === undefined) {
    const key = randomBytes(KEY_BYTES);
    replaceFile(path, `${key.toString('hex')}\n`, PRIVATE);
    return key;
  }
  if (!/^[0-9a-f]{128}\n$/.test(text))
    throw new MemoryError(
      `read ${path}: not ${KEY_BYTES} bytes in hexadecimal`,
      'without it there will be a new key, and signatures made by this one are void',
    );
  return Buffer.from(text.trim(), 'hex');
}

function readRegistrations(directory: string, { isWanted, onWarning }: Wanted): readonly RegisteredPod[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const uuid = basename(name, '.json');
    if (isUuid(uuid) && name !== uuid && isWanted(uuid)) return readRegistration(path, uuid, onWarning);
    if (/\.(json|new)$/.test(name)) rmSync(path); // of a pod that has ended, or half of one: its writer was killed
    return [];
  });
}

function readRegistration(path: string, uuid: Uuid, onWarning: Wanted['onWarning']) {
  try {
    return [{ uuid, ...decodeJson(readPodFile(path) ?? '', registration, { what: path }) }];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    onWarning(`a pod is not known any more: ${error.message}`);
    rmSync(path);
    return [];
  }
}
