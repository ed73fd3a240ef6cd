import { ArchiveError } from './error.ts';
import type { TarStreamHeader } from './head.ts';

/** tar-stream's reader, fed by hand: it says what a header means, and passes contents on. */
export interface TarStream {
  /** Feeds headers that extend the next one. */
  feed(bytes: Buffer): void;
  /** Feeds the header block of an entry, and gives tar-stream's reading of it. */
  open(block: Buffer): Promise<TarStreamHeader>;
  /** Feeds part of the entry's content, and gives what arrives at the other side. */
  pass(bytes: Buffer): Promise<Buffer>;
  /** Feeds what fills up the last block of the content. */
  endEntry(padding: Buffer): void;
  close(): void;
}

/** What we use of a tar-stream `Extract`. */
export interface Extractor {
  on(event: 'entry', listener: EntryListener): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(bytes: Buffer): unknown;
  destroy(): void;
}
type EntryListener = (header: TarStreamHeader, content: Content, next: () => void) => void;

interface Content extends AsyncIterable<unknown> {
  on(event: 'error', listener: () => void): unknown;
}

interface Opened {
  readonly header: TarStreamHeader;
  readonly content: AsyncIterator<unknown>;
  readonly next: () => void;
}

/** Drives a tar-stream reader by hand. */
export function drive(stream: Extractor): TarStream {
  let settle: { resolve(entry: Opened): void; reject(error: unknown): void } | undefined;
  let current: Opened | undefined;
  let failed: ArchiveError | undefined;
  stream.on('entry', (header, content, next) => {
    content.on('error', () => {}); // it fails when the whole reader does
    settle?.resolve({ header, content: content[Symbol.asyncIterator](), next });
  });
  stream.on('error', (error) => {
    failed = new ArchiveError(error.message); // what is wrong with a header we find before it does
    settle?.reject(failed);
  });
  return {
    feed: (bytes) => void stream.write(bytes),
    async open(block) {
      if (failed !== undefined) throw failed;
      const opened = new Promise<Opened>((resolve, reject) => {
        settle = { resolve, reject };
      });
      stream.write(block);
      current = await atOnce(opened);
      return current.header;
    },
    async pass(bytes) {
      if (current === undefined) throw lost();
      stream.write(bytes);
      const { value } = await atOnce(current.content.next());
      if (!(value instanceof Buffer) || value.length !== bytes.length) throw lost();
      return value;
    },
    endEntry(padding) {
      stream.write(padding);
      current?.next();
    },
    close: () => stream.destroy(),
  };
}

/** tar-stream answers in microtasks, or, when it takes a header for something else than we do, never. */
function atOnce<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setImmediate(() => reject(lost()));
    answer.then(resolve, reject).finally(() => clearImmediate(late));
  });
}

function lost(): ArchiveError {
  return new ArchiveError('a header that its readers understand differently');
}
