import type { Flags } from './flag.ts';

/** A command as a shell's completion needs it. */
export interface CompletableCommand {
  /** `image list` */
  readonly name: string;
  readonly summary: string;
  readonly flags: Flags;
  /** Whether its words are pods. */
  readonly takesPods: boolean;
}

export interface Completable {
  readonly program: string;
  readonly commands: readonly CompletableCommand[];
  readonly globalFlags: Flags;
}

export type Shell = 'bash' | 'zsh' | 'fish';

/** A script that teaches a shell the program's commands and flags. The program itself is only asked for pods. */
export function completionScript(shell: Shell, completable: Completable): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](completable);
}

/** What may follow some words: the names of commands that begin with them. */
interface Level {
  readonly words: string;
  readonly next: readonly { readonly word: string; readonly summary: string }[];
}

function levels({ commands }: Completable): readonly Level[] {
  const heads = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const nextOf = (head: string) =>
    commands
      .filter(({ name }) => name.startsWith(`${head} `))
      .map(({ name, summary }) => ({ word: name.slice(head.length + 1), summary }));
  const first = heads.map((head) => {
    const own = commands.find(({ name }) => name === head);
    return {
      word: head,
      summary:
        own?.summary ??
        `${nextOf(head)
          .map(({ word }) => word)
          .join(', ')}`,
    };
  });
  const groups = heads.map((head) => ({ words: head, next: nextOf(head) }));
  return [{ words: '', next: first }, ...groups.filter(({ next }) => next.length > 0)];
}

/** `--name`, or `--name=` where a value has to follow. */
function flagWords(flags: Flags): readonly string[] {
  return Object.entries(flags).map(([name, { kind, bare }]) =>
    kind === 'boolean' || bare !== undefined ? `--${name}` : `--${name}=`,
  );
}

function bashScript(completable: Completable): string {
  const { program, commands, globalFlags } = completable;
  const name = `_${program}`;
  const cases = commands.map(
    (command) =>
      `    '${command.name}'${command.name.includes(' ') ? '' : '*'}) flags='${flagWords(command.flags).join(' ')}'${command.takesPods ? ' pods=1' : ''} ;;`,
  );
  const next = levels(completable).map(
    (level) => `    '${level.words}') next='${level.next.map(({ word }) => word).join(' ')}' ;;`,
  );
  return `# bash completion for ${program}: source it, or put it into /etc/bash_completion.d
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words='' word flags='' next='' pods=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) words+="\${words:+ }$word" ;; esac
  done
  case $words in
${cases.toSorted(longestFirst).join('\n')}
  esac
  case $words in
${next.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags ${flagWords(globalFlags).join(' ')}" -- "$cur"))
    [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  elif [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$cur"))
  elif [[ -n $pods ]]; then
    COMPREPLY=($(compgen -W "$(${PODS(program)})" -- "$cur"))
  fi
}
complete -o default -F ${name} ${program}`;
}

/** Whole names before beginnings: `image list` before `image*`. */
function longestFirst(a: string, b: string): number {
  const name = (line: string) => line.split("'")[1] ?? '';
  return name(b).length - name(a).length;
}

const PODS = (program: string) =>
  `${program} list --full --no-legend 2>/dev/null | grep -oE '^[0-9a-f-]{36}'`;

function zshScript(completable: Completable): string {
  const { program, commands, globalFlags } = completable;
  const described = (flags: Flags) =>
    Object.entries(flags).map(([name, { describe }]) => zshItem(`--${name}`, describe));
  const cases = commands.map(
    ({ name, flags, takesPods }) =>
      `    '${name}'${name.includes(' ') ? '' : '*'}) flags=(${described(flags).join(' ')})${takesPods ? '; pods=1' : ''} ;;`,
  );
  const next = levels(completable).map(
    ({ words, next: each }) =>
      `    '${words}') next=(${each.map(({ word, summary }) => zshItem(word, summary)).join(' ')}) ;;`,
  );
  return `#compdef ${program}
_${program}() {
  local typed='' word pods=''
  local -a flags next
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] || typed+="\${typed:+ }$word"
  done
  case $typed in
${cases.toSorted(longestFirst).join('\n')}
  esac
  case $typed in
${next.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    flags+=(${described(globalFlags).join(' ')})
    _describe -o flag flags
  elif (( $#next )); then
    _describe command next
  elif [[ -n $pods ]]; then
    compadd -- \${(f)"$(${PODS(program)})"}
  else
    _files
  fi
}
compdef _${program} ${program}`;
}

function zshItem(word: string, description: string): string {
  return `'${word}:${description.replaceAll("'", "'\\''")}'`;
}

function fishScript(completable: Completable): string {
  const { program, commands, globalFlags } = completable;
  const words = levels(completable).flatMap(({ words: before, next }) =>
    next.map(
      ({ word, summary }) =>
        `complete -c ${program} -f -n '__${program}_after ${fish(before)}' -a ${word} -d ${fish(summary)}`,
    ),
  );
  const flags = commands.flatMap((command) =>
    fishFlags(program, `__${program}_in ${command.name}`, command.flags),
  );
  const pods = commands
    .filter(({ takesPods }) => takesPods)
    .map(
      ({ name }) =>
        `complete -c ${program} -f -n '__${program}_in ${name}' -a '(${PODS(program).replaceAll("'", '"')})'`,
    );
  return `# fish completion for ${program}
function __${program}_words
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; or echo $word
  end
end
function __${program}_after
  test (string join ' ' -- (__${program}_words)) = "$argv"
end
function __${program}_in
  set -l words (__${program}_words)
  test (count $words) -ge (count $argv); and test "$words[1..(count $argv)]" = "$argv"
end
${[...words, ...fishFlags(program, undefined, globalFlags), ...flags, ...pods].join('\n')}`;
}

function fishFlags(program: string, condition: string | undefined, flags: Flags): readonly string[] {
  return Object.entries(flags).map(([name, { kind, bare, describe }]) => {
    const needsValue = kind !== 'boolean' && bare === undefined;
    const when = condition === undefined ? '' : ` -n '${condition}'`;
    return `complete -c ${program}${when} -l ${name}${needsValue ? ' -r' : ''} -d ${fish(describe)}`;
  });
}

function fish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
