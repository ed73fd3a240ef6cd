import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ServeFile {
  readonly content: Buffer;
  readonly etag?: string;
  /** Whether ranges are understood (default: yes). */
  readonly ranges?: boolean;
  /** Serve the range that is asked for whatever If-Range says, as servers do that do not know it. */
  readonly ignoresIfRange?: boolean;
  /** Break the connection after so many bytes. */
  readonly breakAfter?: number | undefined;
  /** Claim a range that starts so many bytes off. */
  readonly shift?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers GET or HEAD for a file, with ranges and If-Range. */
export function serveFile(request: IncomingMessage, response: ServerResponse, file: ServeFile): void {
  const { content, ranges = true, shift = 0 } = file;
  const from = ranges ? rangeStart(request, file) : 0;
  if (from >= content.length && from > 0) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(from);
  const range = { 'content-range': `bytes ${from + shift}-${content.length - 1}/${content.length}` };
  const etag = file.etag === undefined ? {} : { etag: file.etag };
  const headers = { ...file.headers, ...etag, 'content-length': body.length };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers);
  send(request, response, body, file.breakAfter ?? Number.POSITIVE_INFINITY);
}

function rangeStart({ headers }: IncomingMessage, file: ServeFile): number {
  const condition = headers['if-range'];
  const holds =
    condition === undefined ||
    [file.etag, file.headers?.['last-modified']].some((each) => each === condition);
  return file.ignoresIfRange || holds ? Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0) : 0;
}

function send(request: IncomingMessage, response: ServerResponse, body: Buffer, limit: number): void {
  if (request.method === 'HEAD') response.end();
  else if (limit >= body.length) response.end(body);
  else response.write(body.subarray(0, limit), () => setTimeout(() => request.socket.destroy(), 20));
}
