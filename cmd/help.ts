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
    .options(optionsOf(flags, 'Flags:'))
    .options(optionsOf(appFlags, 'Flags after an image, for its app:'))
    .options(optionsOf(globalFlags, 'Flags of every command:'))
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

/** yargs prints a key as it is: so it also shows the value. Nothing is parsed with these. */
function optionsOf(flags: Flags, group: string) {
  return Object.fromEntries(
    Object.entries(flags)
      .filter(([name]) => name !== 'help') // who reads this has found it
      .map(([name, flag]) => [`${name}${shownValue(flag)}`, { group, describe: describe(flag) }]),
  );
}

function shownValue({ value, bare }: Flag): string {
  if (value === undefined) return '';
  return bare === undefined ? `=${value}` : `[=${value}]`;
}

function describe({ kind, describe }: Flag): string {
  return kind === 'list' ? `${describe} (may be repeated)` : describe;
}
