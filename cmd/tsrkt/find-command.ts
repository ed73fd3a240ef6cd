import { UsageError } from '../flag.ts';
import { COMMANDS } from './commands.ts';
import { INTERNAL_COMMANDS } from './internal-commands.ts';
import type { NamedCommand } from './named-command.ts';

/** rkt's commands that are not there yet. */
const UNSUPPORTED: readonly string[] = ['api-service'];

export interface FoundCommand {
  readonly command: NamedCommand;
  /** What stood after the name. */
  readonly rest: readonly string[];
}

/**
 * The command that the first words name; every word may be cut to a beginning that fits one command only. A second word that
 * may also be an argument (`trust list`, `trust key.asc`) has to be whole.
 */
export function findCommand(argv: readonly string[]): FoundCommand {
  const internal = INTERNAL_COMMANDS.find(({ name }) => name === argv[0]);
  if (internal !== undefined) return { command: internal, rest: argv.slice(1) };
  const [first = '', second = ''] = argv;
  const head = pick(
    first,
    COMMANDS.map(({ name }) => name.split(' ')[0] ?? ''),
  );
  const exact = COMMANDS.find(({ name }) => name === `${head} ${second}`);
  if (exact !== undefined) return { command: exact, rest: argv.slice(2) };
  const alone = COMMANDS.find(({ name }) => name === head);
  if (alone !== undefined) return { command: alone, rest: argv.slice(1) };
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${head} `)).map(({ name }) => name);
  const name = pick(`${head} ${second}`, group);
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) throw new TypeError(`no command ${name}`);
  return { command, rest: argv.slice(2) };
}

function pick(text: string, names: readonly string[]): string {
  const fitting = [...new Set(names.filter((name) => name.startsWith(text)))];
  const [only, another] = fitting.includes(text) ? [text] : fitting;
  if (only !== undefined && another === undefined) return only;
  const quoted = JSON.stringify(text.trim());
  if (only !== undefined) throw new UsageError(`command ${quoted} is ambiguous: ${fitting.join(', ')}`, HELP);
  if (UNSUPPORTED.includes(text)) throw new UsageError(`command ${quoted} is not supported yet`, HELP);
  throw new UsageError(`unknown command ${quoted}`, HELP);
}

const HELP = 'tsrkt help lists the commands';
