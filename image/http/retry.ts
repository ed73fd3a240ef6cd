/** How often a request is repeated after a failure that may pass. */
export const MAX_RETRIES = 4;

/** The longest time we let a server's Retry-After make us wait, in milliseconds. */
const MAX_WAIT = 60_000;

/** Codes of connections that broke and may work again. A refused connection, an unknown name or bad TLS will not pass. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether a status means "perhaps later": too many requests, or the server's own trouble. */
export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
}

/** Whether a connection's failure may pass. */
export function isPassingFailure(error: unknown): boolean {
  return error instanceof Error && PASSING.has(String((error as NodeJS.ErrnoException).code));
}

/**
 * Milliseconds to wait before repetition `attempt` (from 0): what `Retry-After` asks for (seconds or a date, RFC 9110
 * §10.2.3) up to a minute, else 0.25 s doubled each time; `jitter` in 0…1 keeps clients from coming back all at once.
 */
export function retryDelay(attempt: number, retryAfter: string | null, now: number, jitter: number): number {
  const asked = retryAfter === null ? Number.NaN : askedDelay(retryAfter.trim(), now);
  if (!Number.isNaN(asked)) return Math.min(Math.max(asked, 0), MAX_WAIT);
  return 250 * 2 ** attempt * (0.75 + jitter / 2);
}

function askedDelay(value: string, now: number): number {
  return /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
}
