import type { Flags } from './flag.ts';
import type { Token } from './scan.ts';

/** One command of a program. Its module is loaded when the command is called; what it needs beyond that, when it runs. */
export interface Command<Globals> {
  /** What follows the command's name: `[FLAGS] UUID…`. */
  readonly usage: string;
  readonly summary: string;
  /** A line that can be typed as it is. */
  readonly example: string;
  readonly flags: Flags;
  /** Flags that follow an image. */
  readonly appFlags?: Flags;
  /** Flags that rkt has and we do not have yet. */
  readonly unsupported?: readonly string[];
  /** After so many words all that follows is another program's command line: nothing in it is ours. */
  readonly argumentsAfter?: number;
  /** Carries it out; the result is the exit status. */
  readonly run: (call: Call<Globals>) => Promise<number> | number;
}

export interface Call<Globals> {
  readonly globals: Globals;
  /** What stood after the command's name, global flags taken out. */
  readonly tokens: readonly Token[];
}
