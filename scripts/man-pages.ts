// npm run man: dist/man/*.1, from the tables that --help is made of. Run by Bun.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPage, programPage } from '../cmd/man-page.ts';
import { COMMANDS } from '../cmd/tsrkt/commands.ts';
import { GLOBAL_FLAGS } from '../cmd/tsrkt/globals.ts';
import { VERSION } from '../cmd/tsrkt/version-number.ts';

const directory = process.argv[2] ?? join(import.meta.dirname, '../dist/man');
const context = { program: 'tsrkt', version: VERSION, globalFlags: GLOBAL_FLAGS };

mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'tsrkt.1'), programPage(COMMANDS, context));
for (const { name, load } of COMMANDS) {
  const page = commandPage(name, await load(), context);
  writeFileSync(join(directory, `tsrkt-${name.replaceAll(' ', '-')}.1`), page);
}
