import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../../../cmd/tsrkt/commands.ts';
import { findCommand } from '../../../../cmd/tsrkt/find-command.ts';
import { GLOBAL_FLAGS } from '../../../../cmd/tsrkt/globals.ts';
import { VERSION } from '../../../../cmd/tsrkt/version-number.ts';

const good: readonly [string, string, string[]][] = [
  ['run a b', 'run', ['a', 'b']],
  ['run-p x', 'run-prepared', ['x']],
  ['li', 'list', []],
  ['im l', 'image list', []],
  ['image cat-manifest x', 'image cat-manifest', ['x']],
  ['i rm x', 'image rm', ['x']],
  ['trust key.asc', 'trust', ['key.asc']],
  ['trust list', 'trust list', []],
  ['tr rm x', 'trust rm', ['x']],
  ['trust li', 'trust', ['li']],
];

for (const [line, name, rest] of good)
  test(`findCommand() of "${line}" is ${name}`, () => {
    const found = findCommand(line.split(' '));
    assert.deepEqual([found.command.name, found.rest], [name, rest]);
  });

const bad: readonly [string, string][] = [
  ['x', 'unknown command "x"'],
  ['Run', 'unknown command "Run"'],
  ['st', 'command "st" is ambiguous: status, stop'],
  ['ru', 'command "ru" is ambiguous: run, run-prepared'],
  ['image x', 'unknown command "image x"'],
  ['api-service', 'command "api-service" is not supported yet'],
];

for (const [line, message] of bad)
  test(`findCommand() of "${line}" says: ${message}`, () => {
    assert.throws(() => findCommand(line.split(' ')), { message, code: 'ERR_USAGE' });
  });

for (const { name, load } of COMMANDS)
  test(`tsrkt ${name} has an example that begins with it, and no flag that every command has`, async () => {
    const command = await load();
    assert.ok(command.example.startsWith(`tsrkt ${name}`), command.example);
    const own = [...Object.keys(command.flags), ...Object.keys(command.appFlags ?? {})];
    assert.deepEqual(
      own.filter((flag) => Object.hasOwn(GLOBAL_FLAGS, flag)),
      [],
    );
    assert.deepEqual(
      own.filter((flag) => command.unsupported?.includes(flag)),
      [],
    );
  });

test('VERSION is the one in package.json', () => {
  const json = readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8');
  assert.equal(JSON.parse(json).version, VERSION);
});
