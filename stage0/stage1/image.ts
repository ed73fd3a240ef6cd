import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import { annotationValue } from '../../schema/annotation.ts';
import { show } from '../../schema/decode-error.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { checkExecutable } from './executable.ts';
import { Stage1Error } from './stage1-error.ts';

/** The contract in ARCHITECTURE.md. Those of rkt's stage1 images were 1 (if nothing is said) to 6. */
export const INTERFACE_VERSION = '7';

/** rkt's names. What they name is called with the annotation's last word: `run UUID`, `gc UUID` … */
const PREFIX = 'coreos.com/rkt/stage1/';

/**
 * The executable of a stage1 image whose files are in the directory `root`. It is called for all that a stage1 does; the annotation names
 * it by an absolute path, and on that path there is no link: nothing in an image leads out of it.
 */
export function stage1Executable(manifest: ImageManifest, root: string): string {
  const refuse = (why: string, cause?: unknown) =>
    new Stage1Error(`stage1 image ${show(manifest.name)}: ${why}`, { cause, hint: HINT });
  const { run, others, version } = interfaceOf(manifest);
  if (version !== INTERFACE_VERSION)
    throw refuse(
      `it speaks version ${show(version)} of the stage1 interface, tsrkt speaks "${INTERFACE_VERSION}"`,
    );
  if (run === undefined) throw refuse(`it has no annotation ${PREFIX}run`);
  const other = others.find(({ value }) => value !== run);
  if (other !== undefined)
    throw refuse(`${other.name} names another executable than ${PREFIX}run, and tsrkt calls one for all`);
  if (!isPlainPath(run))
    throw refuse(`${PREFIX}run: expected an absolute path without "." and "..", got ${show(run)}`);
  try {
    if (!isFileBelow(root, run)) throw refuse(`${run} is not a regular file`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) throw error;
    throw refuse(
      hasCode(error, 'ELOOP') ? `${run} is a symbolic link, or behind one` : `there is no ${run} in it`,
      error,
    );
  }
  return checkExecutable(join(root, run));
}

const HINT = 'ARCHITECTURE.md says what a stage1 image is';

function interfaceOf({ annotations = [] }: ImageManifest) {
  return {
    run: annotationValue(annotations, `${PREFIX}run`),
    version: annotationValue(annotations, `${PREFIX}interface-version`) ?? '1',
    others: annotations.filter(({ name }) => ['enter', 'gc'].some((each) => name === PREFIX + each)),
  };
}

function isPlainPath(path: string): boolean {
  const [first, ...names] = path.split('/');
  return first === '' && names.length > 0 && names.every((name) => !/^\.{0,2}$|\0/.test(name));
}

function isFileBelow(root: string, path: string): boolean {
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const resolve = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS;
    const fd = openat2(directory, path.slice(1), { flags: O_PATH | O_CLOEXEC, resolve });
    try {
      return fstatSync(fd).isFile();
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(directory);
  }
}
