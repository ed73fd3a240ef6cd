import { safeText } from './safe-text.ts';

export interface ReportContext {
  /** The sub-command's name, which starts the line; rkt's log prefix. */
  readonly command: string;
  readonly debug: boolean;
}

/** What every failure but an app's own exits with. */
export const FAILURE = 254;

/**
 * The one place that turns an error into text: one sentence and a hint. `--debug` adds the chain of causes as a tree, and the
 * stack of a bug. An error with a string `code` is expected; one without is a bug of ours.
 */
export function reportError(error: unknown, { command, debug }: ReportContext): string {
  const lines = isExpected(error) ? expected(error, command) : bug(error, command);
  if (debug) lines.push(...causes(error), ...stack(error));
  return lines.join('\n');
}

type Expected = Error & { readonly code: string; readonly hint?: unknown };

function isExpected(error: unknown): error is Expected {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && !/^ERR_(INVALID_ARG|OUT_OF_RANGE)/.test(code); // Node's codes for misuse of its functions
}

function expected(error: Expected, command: string): string[] {
  const lines = [`${command}: ${sentence(error)}`];
  if (typeof error.hint === 'string') lines.push(`hint: ${safeText(error.hint)}`);
  return lines;
}

function bug(error: unknown, command: string): string[] {
  const message = error instanceof Error ? sentence(error) : safeText(String(error));
  return [`${command}: this is a bug in tsrkt, please report it: ${message} (--debug shows where)`];
}

/** Node writes `ENOENT: no such file or directory, open '/x'`; our own words are `open "/x": ENOENT (no such file or directory)`. */
function sentence(error: Error): string {
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const why = /^[A-Z0-9]+: (.*?), /.exec(error.message)?.[1];
  if (code === undefined || syscall === undefined || why === undefined) return safeText(error.message);
  const about = [path, dest].filter((each) => each !== undefined).map((each) => JSON.stringify(each));
  return safeText(`${[syscall, about.join(' to ')].join(' ').trimEnd()}: ${code} (${why})`);
}

function causes(error: unknown): string[] {
  const chain: string[] = [];
  for (let cause = causeOf(error); cause !== undefined && chain.length < 20; cause = causeOf(cause))
    chain.push(
      `${'  '.repeat(chain.length)}└─ ${cause instanceof Error ? sentence(cause) : safeText(String(cause))}`,
    );
  return chain;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function stack(error: unknown): string[] {
  if (isExpected(error) || !(error instanceof Error)) return [];
  return (error.stack ?? '').split('\n').map(safeText);
}
