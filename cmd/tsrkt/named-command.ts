import type { Command } from '../command.ts';
import type { Globals } from './globals.ts';

/** A command by name, its module loaded only when it is called. */
export interface NamedCommand {
  /** `image list` has two words. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command<Globals>>;
}
