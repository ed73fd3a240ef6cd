import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import { type PodFileContext, podFileUnit, wantedBy } from './pod-file.ts';
import { formatUnitFile, type UnitFile } from './unit-file.ts';

export interface GeneratorContext extends Omit<PodFileContext, 'path'> {
  /** Where `.pod` files are. */
  readonly source: string;
  /** Where units go: the first of the directories systemd.generator(7) is called with. */
  readonly target: string;
  /** A file that is no pod is left out; the others are not. */
  readonly onProblem: (error: unknown) => void;
}

/** Makes a service of each `.pod` file. At boot nothing but these two directories is there for certain. */
export function generateUnits({ source, target, onProblem, ...context }: GeneratorContext): void {
  for (const file of podFiles(source)) {
    const path = join(source, file);
    try {
      writeUnit(
        target,
        file.replace(/\.pod$/, '.service'),
        podFileUnit(readFileSync(path, 'utf8'), { ...context, path }),
      );
    } catch (error) {
      onProblem(error);
    }
  }
}

function podFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^[\w@:.\\-]+\.pod$/.test(name))
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function writeUnit(target: string, name: string, unit: UnitFile): void {
  writeFileSync(join(target, name), `# made by tsrkt\n\n${formatUnitFile(unit)}`);
  for (const wanting of wantedBy(unit)) {
    const directory = join(target, `${wanting}.wants`);
    mkdirSync(directory, { recursive: true });
    symlinkSync(join('..', name), join(directory, name));
  }
}
