import { hasCode } from '../../linux/system-error.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { FAILURE, reportError } from '../report-error.ts';
import { scan, scanLeadingFlags, type Token } from '../scan.ts';
import { COMMANDS } from './commands.ts';
import { findCommand } from './find-command.ts';
import { GLOBAL_FLAGS, type Globals, resolveGlobals } from './globals.ts';
import type { NamedCommand } from './named-command.ts';

/** Where we are, for the error message if it ends here. */
interface Progress {
  command: string;
  debug: boolean;
}

const NO_COMMAND = 2;

/** The program `tsrkt`: arguments in, exit status out. */
async function main(argv: readonly string[], progress: Progress): Promise<number> {
  const { given, rest } = await scanLeadingFlags(argv, { flags: GLOBAL_FLAGS });
  if (given.some(({ name }) => name === 'help')) return help([]);
  if (rest.length === 0) return missingCommand();
  if (rest[0] === 'help') return help(rest.slice(1));
  const { command, rest: after } = findCommand(rest);
  progress.command = command.name.split(' ').at(-1) ?? command.name;
  progress.debug = argv.includes('--debug');
  return call(
    command,
    given.map((flag): Token => ({ kind: 'flag', ...flag })),
    after,
  );
}

async function call(named: NamedCommand, before: readonly Token[], argv: readonly string[]): Promise<number> {
  const command = await named.load();
  try {
    return await carryOut(named.name, command, before, argv);
  } catch (error) {
    if (!(error instanceof UsageError) || error.hint !== undefined) throw error;
    throw new UsageError(error.message, `tsrkt ${named.name} --help shows how to call it`);
  }
}

async function carryOut(
  name: string,
  command: Command<Globals>,
  before: readonly Token[],
  argv: readonly string[],
): Promise<number> {
  const flags = { ...GLOBAL_FLAGS, ...command.flags, ...command.appFlags };
  const { unsupported = [], argumentsAfter } = command;
  const tokens = [...before, ...(await scan(argv, { flags, unsupported, argumentsAfter }))];
  const isGlobal = (token: Token) => token.kind === 'flag' && Object.hasOwn(GLOBAL_FLAGS, token.name);
  const globals = flagValues(
    GLOBAL_FLAGS,
    tokens.flatMap((token) => (token.kind === 'flag' ? token : [])),
  );
  if (globals.help) return help([name]);
  return command.run({
    globals: resolveGlobals(globals),
    tokens: tokens.filter((token) => !isGlobal(token)),
  });
}

async function help(words: readonly string[]): Promise<number> {
  const { commandHelp, programHelp } = await import('../help.ts');
  const program = { program: 'tsrkt', globalFlags: GLOBAL_FLAGS };
  if (words.length === 0) {
    print(await programHelp(COMMANDS, program));
    return 0;
  }
  const { command } = findCommand(words.flatMap((word) => word.split(' ')));
  print(await commandHelp(command.name, await command.load(), program));
  return 0;
}

async function missingCommand(): Promise<number> {
  tell('tsrkt: missing command');
  await help([]);
  return NO_COMMAND;
}

/** rkt's own answer to scripts that ask by a file that is not there (yet). */
function failureStatus(error: unknown, { command }: Progress): number {
  const isAsked = command === 'status' || command === 'stop';
  return isAsked && hasCode(error, 'ERR_UUID_FILE') ? 1 : FAILURE;
}

const progress: Progress = { command: 'tsrkt', debug: false };
main(process.argv.slice(2), progress).then(
  (status) => process.exit(status),
  (error: unknown) => {
    tell(reportError(error, progress));
    process.exit(failureStatus(error, progress));
  },
);
