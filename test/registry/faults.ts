import type { Fault } from './registry.ts';

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (_, response) =>
    void response.writeHead(code, headers).end();

/** Answers with other bytes. */
export const answer =
  (body: Buffer | string, headers: Record<string, string> = {}): Fault =>
  (_, response) =>
    void response.writeHead(200, headers).end(body);

/** Leads elsewhere. */
export const redirect = (location: string): Fault => status(307, { location });

/** Sends part of a body as if it were the whole, then breaks the connection. */
export const truncate =
  (announced: number, sent: Buffer): Fault =>
  (request, response) => {
    response.writeHead(200, { 'content-length': announced });
    response.write(sent, () => setTimeout(() => request.socket.destroy(), 20));
  };

/** Sends for ever. */
export const endless =
  (headers: Record<string, string> = {}): Fault =>
  (_, response) => {
    const chunk = Buffer.alloc(64 << 10, ' ');
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.writeHead(200, headers).on('drain', write);
    write();
  };

/** Takes its time. */
export const slow =
  (ms: number): Fault =>
  (_request, _response, pass) =>
    void setTimeout(pass, ms);

/** Never answers. */
export const hang: Fault = () => undefined;
