import { DecodeError } from '../../schema/decode-error.ts';

/** A file in the syntax of systemd.syntax(7): sections in their order, of which several may have the same name. */
export type UnitFile = readonly Section[];

export interface Section {
  readonly name: string;
  readonly settings: readonly Setting[];
}

export type Setting = readonly [key: string, value: string];

/** Reads such a file; errors name the line as `path:3`. */
export function parseUnitFile(text: string, path: string): UnitFile {
  const sections: { name: string; settings: Setting[] }[] = [];
  for (const { line, number } of logicalLines(text)) {
    const [, name] = /^\[([^[\]]+)\]$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, settings: [] });
    else addSetting(sections.at(-1)?.settings, line, `${path}:${number}`);
  }
  return sections;
}

function addSetting(settings: Setting[] | undefined, line: string, at: string): void {
  const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/s.exec(line) ?? [];
  if (key === undefined || value === undefined)
    throw new DecodeError(at, `expected [Section] or Key=value, got ${JSON.stringify(line)}`);
  if (settings === undefined) throw new DecodeError(at, 'a setting before the first section');
  settings.push([key, value]);
}

interface Line {
  line: string;
  readonly number: number;
}

/** Lines without comments and empty ones; a backslash at its end joins a line to the next. */
function logicalLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (const [index, physical] of text.split('\n').entries()) {
    const line = physical.trim();
    if (/^[#;]/.test(line)) continue;
    const last = lines.at(-1);
    if (last?.line.endsWith('\\')) last.line = `${last.line.slice(0, -1).trimEnd()} ${line}`;
    else lines.push({ line, number: index + 1 });
  }
  return lines.filter(({ line }) => line !== '');
}

/** The file's text. What a value holds of line ends becomes a space: it would begin settings of its own. */
export function formatUnitFile(file: UnitFile): string {
  return file
    .map(({ name, settings }) =>
      [`[${name}]`, ...settings.map(([key, value]) => `${key}=${value.replace(/[\r\n]+/g, ' ')}`), ''].join(
        '\n',
      ),
    )
    .join('\n');
}
