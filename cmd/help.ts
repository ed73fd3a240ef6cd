import type { Command } from './command.ts';
import type { Flag, Flags } from './flag.ts';

/** A program's help: what it is called, its commands or one of them, and the flags every command takes. */
export interface ProgramHelp {
  readonly program: string;
  readonly globalFlags: Flags;
}

const WIDTH = 100;

/** The help of one command. yargs lays it out; it is loaded for that alone, because loading it takes 10 ms. */
export async function commandHelp<Globals>(
  name: string,
  command: Command<Globals>,
  { program, globalFlags }: ProgramHelp,
): Promise<string> {
  const { default: yargs } = await import('yargs');
  const { flags, appFlags = {} } = command;
  return yargs([])
    .scriptName(program)
    .usage(`${program} ${name} ${command.usage}\n\n${command.summary}`)
    .options(optionsOf(globalFlags, 'Flags of every command:'))
    .options(optionsOf(flags, 'Flags:'))
    .options(optionsOf(appFlags, 'Flags after an image, for its app:'))
    .example(command.example, '')
    .version(false)
    .help(false)
    .wrap(WIDTH)
    .getHelp();
}

/** The list of commands. */
export async function programHelp(
  commands: readonly { readonly name: string; readonly summary: string }[],
  { program, globalFlags }: ProgramHelp,
): Promise<string> {
  const { default: yargs } = await import('yargs');
  const parser = yargs([])
    .scriptName(program)
    .usage(`${program} [FLAGS] COMMAND …`)
    .options(optionsOf(globalFlags, 'Flags of every command:'))
    .epilogue(`${program} COMMAND --help tells more about a command.`)
    .version(false)
    .help(false)
    .wrap(WIDTH);
  for (const { name, summary } of commands) parser.command(name, summary);
  return parser.getHelp();
}

function optionsOf(flags: Flags, group: string) {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { group, describe: describe(flag), ...typeOf(flag) }]),
  );
}

function describe({ value, describe, bare }: Flag): string {
  const shown = bare === undefined ? value : `[=${value ?? 'VALUE'}]`;
  return shown === undefined ? describe : `${shown}  ${describe}`;
}

/** Only what a reader wants to know: the value's name says what it is, a list says that it may be repeated. */
function typeOf({ kind }: Flag) {
  return kind === 'list' ? { array: true } : {};
}
