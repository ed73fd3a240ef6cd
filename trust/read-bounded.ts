import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Reads a configuration file of trust; `refuse` makes the error. It has to be a regular file of at most `maxBytes` that not
 * everybody may write. Its group may: rkt's own set-up gives the key store to the group `rkt`. Links are followed, for
 * administrators own the directories; O_NONBLOCK keeps a FIFO from blocking us.
 */
export function readBounded(path: string, maxBytes: number, refuse: (why: string) => Error): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(fd);
    if (!opened.isFile()) throw refuse('not a regular file');
    if ((opened.mode & 0o002) !== 0) throw refuse('anybody may write to it');
    if (opened.size > maxBytes) throw refuse(`larger than ${maxBytes} bytes`);
    const content = Buffer.alloc(opened.size);
    return content.subarray(0, readSync(fd, content, 0, content.length, 0));
  } finally {
    closeSync(fd);
  }
}
