import type { Command } from './command.ts';
import type { Flag, Flags } from './flag.ts';

export interface ManContext {
  readonly program: string;
  readonly version: string;
  readonly globalFlags: Flags;
}

/** The manual page of one command, in man(7)'s macros. */
export function commandPage<Globals>(
  name: string,
  command: Command<Globals>,
  { program, version, globalFlags }: ManContext,
): string {
  const { flags, appFlags = {}, usage, summary, example } = command;
  const page = `${program}-${name.replaceAll(' ', '-')}`;
  return [
    title(page, version),
    '.SH NAME',
    `${roff(page)} \\- ${roff(summary.split('.')[0] ?? '')}`,
    '.SH SYNOPSIS',
    `.B ${roff(`${program} ${name}`)}`,
    roff(usage),
    '.SH DESCRIPTION',
    roff(summary),
    ...section('OPTIONS', flags),
    ...section('OPTIONS AFTER AN IMAGE', appFlags),
    ...section('OPTIONS OF EVERY COMMAND', globalFlags),
    '.SH EXAMPLE',
    '.EX',
    roff(example),
    '.EE',
    '.SH SEE ALSO',
    `.BR ${roff(program)} (1)`,
    '',
  ].join('\n');
}

/** The manual page of the program: its commands. */
export function programPage(
  commands: readonly { readonly name: string; readonly summary: string }[],
  { program, version, globalFlags }: ManContext,
): string {
  return [
    title(program, version),
    '.SH NAME',
    `${roff(program)} \\- run app containers that are verified, without a daemon`,
    '.SH SYNOPSIS',
    `.B ${roff(program)}`,
    '[FLAGS] COMMAND \\&...',
    '.SH COMMANDS',
    ...commands.flatMap(({ name, summary }) => [
      '.TP',
      `.BR ${roff(`${program}-${name.replaceAll(' ', '-')}`)} (1)`,
      roff(summary),
    ]),
    ...section('OPTIONS OF EVERY COMMAND', globalFlags),
    '',
  ].join('\n');
}

function title(page: string, version: string): string {
  return `.TH ${roff(page.toUpperCase())} 1 "" "${page.split('-')[0]} ${version}" "User Commands"`;
}

function section(heading: string, flags: Flags): readonly string[] {
  const entries = Object.entries(flags);
  if (entries.length === 0) return [];
  return [
    `.SH ${heading}`,
    ...entries.flatMap(([name, flag]) => ['.TP', `.B ${roff(shown(name, flag))}`, roff(described(flag))]),
  ];
}

function shown(name: string, { value, bare }: Flag): string {
  if (value === undefined) return `--${name}`;
  return bare === undefined ? `--${name}=${value}` : `--${name}[=${value}]`;
}

function described({ kind, describe }: Flag): string {
  return kind === 'list' ? `${describe} (may be repeated)` : describe;
}

/** A backslash, a hyphen that is one, and a line that a macro would begin (groff_char(7)). */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('…', '\\&...');
}
