import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { bootId } from '../../linux/boot-id.ts';
import { createFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { type Infer, integer, object, optional, string } from '../../schema/decode.ts';
import { formatJson } from '../../schema/format-json.ts';
import { decodeJson } from '../../schema/json.ts';
import type { Download } from '../http/download.ts';
import { type HeldPart, strongValidator } from '../http/range.ts';
import { partialDownloadFile, type Store } from './layout.ts';
import { isNamed, openPartial, partialNotes } from './partial.ts';
import { removeTree } from './remove-tree.ts';
import { takeTurn } from './take-turn.ts';

/** What came so far of a file on a server, in `cas/partial`, locked by us. What can be gone on with stays when it is disposed of. */
export interface PartialDownload extends Disposable {
  readonly path: string;
  readonly fd: number;
  /** What an earlier attempt left and a server may be asked to go on with. Nobody has looked at these bytes. */
  readonly held: HeldPart;
}

/**
 * Beside a partial file: what the server said when its first byte came, and nothing of the URL, which may hold secrets. It is there
 * whenever the file has bytes to go on with: written before the first, removed before they are thrown away.
 */
const notes = object({
  etag: optional(string),
  lastModified: optional(string),
  date: optional(string),
  total: optional(integer(0)),
  /** A crash of the machine may have lost bytes, and nothing but a signature would tell. */
  boot: string,
});

/** Takes the partial file of a URL; whoever else has it is waited for. */
export async function claimPartialDownload(store: Store, url: URL): Promise<PartialDownload> {
  const path = partialDownloadFile(store, url);
  const fd = await takeTurn(() => openPartial(path));
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    try {
      if (heldIn(path, fd).offset === 0) discardPartial({ path, fd });
    } finally {
      closeSync(fd);
    }
  };
  try {
    return { path, fd, held: heldIn(path, fd), [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Keeps of the file what the download goes on with, and notes what makes it possible to go on with it later. */
export function beginDownload(
  { path, fd }: PartialDownload,
  { start, total, validators }: Pick<Download, 'start' | 'total' | 'validators'>,
): void {
  if (start === 0) removeTree(partialNotes(path));
  ftruncateSync(fd, start);
  if (start > 0 || strongValidator(validators) === undefined) return;
  const { etag, lastModified, date } = validators;
  const noted = { etag, lastModified, date, total, boot: bootId() };
  createFile(partialNotes(path), `${formatJson(noted)}\n`, { mode: 0o600, sync: false });
}

/** Removes the file, unless it has become something else, and what was noted of it. */
export function discardPartial({ path, fd }: Pick<PartialDownload, 'path' | 'fd'>): void {
  const isOurs = isNamed(path, fd);
  // Whoever has made another one meanwhile has its own notes.
  if (isOurs || lstatSync(path, { throwIfNoEntry: false }) === undefined) removeTree(partialNotes(path));
  if (isOurs) removeTree(path);
}

/** Refusals of what a server has, after which nothing is to be gone on with. */
const REFUSALS = ['ERR_HTTP_TOO_LARGE', 'ERR_HTTP_CHANGED', 'ERR_HTTP_RANGE'];

/** Removes what came of a download that failed so that no other attempt may go on with it. */
export function discardRefused(partial: PartialDownload, error: unknown): void {
  if (hasCode(error, ...REFUSALS)) discardPartial(partial);
}

const NOTHING: HeldPart = { offset: 0, validators: {} };

function heldIn(path: string, fd: number): HeldPart {
  const noted = readNotes(partialNotes(path));
  const { size } = fstatSync(fd);
  if (noted === undefined || noted.boot !== bootId()) return NOTHING;
  const { total, boot: _, ...validators } = noted;
  if (total !== undefined && size > total) return NOTHING;
  // No range begins at the end of a file: one that is complete is asked for its last byte (RFC 9110 §14.1.2).
  const offset = total === undefined ? size : Math.max(0, Math.min(size, total - 1));
  return { offset, validators: validators as HeldPart['validators'], total };
}

const MAX_NOTES = 4096;

/** Undefined: there are none, or they were cut off when their writer was killed. */
function readNotes(path: string): Infer<typeof notes> | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MAX_NOTES) return undefined;
    return decodeJson(readFileSync(fd), notes, { what: path, maxBytes: MAX_NOTES });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO', 'ERR_DECODE')) return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
