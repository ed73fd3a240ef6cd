import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why tests that ask the C compiler are skipped, or false. */
export const noCompiler =
  spawnSync('cc', ['--version']).status === 0 ? false : 'no C compiler (package gcc) here';

/** What the C compiler says integer expressions are worth, given the headers. */
export function cValues(headers: readonly string[], expressions: readonly string[]): Record<string, number> {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-cc-'));
  try {
    const print = expressions.map((text) => `printf("%lld\\n", (long long)(${text}));`);
    const includes = ['stdio.h', 'stddef.h', ...headers].map((header) => `#include <${header}>`);
    const source = [...includes, 'int main(void) {', ...print, '}'].join('\n');
    writeFileSync(join(directory, 'values.c'), source);
    execFileSync('cc', ['-D_GNU_SOURCE', '-o', 'values', 'values.c'], { cwd: directory });
    const lines = execFileSync(join(directory, 'values'), { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(expressions.map((text, index) => [text, Number(lines[index])]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
