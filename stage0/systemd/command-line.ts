import { DecodeError } from '../../schema/decode-error.ts';

/**
 * A command line for ExecStart= that means exactly these arguments (systemd.service(5), "Command lines"): nothing in them
 * is expanded, and none is taken for two.
 */
export function quoteCommand(args: readonly string[]): string {
  return args.map(quote).join(' ');
}

function quote(text: string): string {
  const literal = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w@%+:,./=~^$[\]{}-]+$/.test(literal)) return literal;
  return `"${literal.replace(/[\\"\u0000-\u001f\u007f]/g, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '\\' || character === '"') return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The words of a value: separated by blanks, quotes of both kinds hold blanks together, a backslash takes what follows as it is. */
export function splitWords(text: string, at: string): readonly string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/sy;
  while (word.lastIndex < text.trimEnd().length) {
    const [, found] = word.exec(text) ?? [];
    if (found === undefined) throw new DecodeError(at, `a quote is not closed in ${JSON.stringify(text)}`);
    words.push(unquote(found));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(
    /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs,
    (_, escaped: string | undefined, double: string | undefined, single: string | undefined) =>
      escaped ?? double?.replace(/\\(.)/gs, '$1') ?? single ?? '',
  );
}
