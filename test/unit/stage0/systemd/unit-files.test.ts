import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GLOBAL_FLAGS } from '../../../../cmd/tsrkt/globals.ts';
import { run } from '../../../../cmd/tsrkt/run.ts';
import { quoteCommand, splitWords } from '../../../../stage0/systemd/command-line.ts';
import { podFileUnit, wantedBy } from '../../../../stage0/systemd/pod-file.ts';
import { overlay, podUnit } from '../../../../stage0/systemd/pod-unit.ts';
import { formatUnitFile, parseUnitFile } from '../../../../stage0/systemd/unit-file.ts';

test('quoteCommand() leaves nothing to be expanded, split or taken for a prefix', () => {
  assert.equal(quoteCommand(['/bin/a', 'b', '--c=d']), '/bin/a b --c=d');
  assert.equal(quoteCommand(['50%', '$HOME', 'a b', '', '-x']), '50%% $$HOME "a b" "" -x');
  assert.equal(quoteCommand(['"', '\\', "it's", 'a\nb', ';']), '"\\"" "\\\\" "it\'s" "a\\x0ab" ";"');
});

test('splitWords() splits as systemd does', () => {
  assert.deepEqual(splitWords(`a  "b c" 'd "e' f\\ g h"i"j ""`, 'x'), ['a', 'b c', 'd "e', 'f g', 'hij', '']);
  assert.throws(() => splitWords('a "b', 'web.pod'), /^.*web\.pod: a quote is not closed/);
});

test('parseUnitFile() reads sections, joins lines and names the line of a mistake', () => {
  const text = '# c\n[A]\nKey = value \\\n  more\n; c\n\n[A]\nKey=\n';
  assert.deepEqual(parseUnitFile(text, 'f'), [
    { name: 'A', settings: [['Key', 'value more']] },
    { name: 'A', settings: [['Key', '']] },
  ]);
  assert.throws(() => parseUnitFile('[A]\nnonsense\n', 'f'), /f:2: expected \[Section\] or Key=value/);
  assert.throws(() => parseUnitFile('Key=1\n', 'f'), /f:1: a setting before the first section/);
});

test('formatUnitFile() cannot be made to write another setting', () => {
  const unit = [{ name: 'Unit', settings: [['Description', 'a\n[Service]\nExecStart=/bin/evil']] }] as const;
  assert.equal(formatUnitFile(unit), '[Unit]\nDescription=a [Service] ExecStart=/bin/evil\n');
});

test('overlay() replaces what is said again, and keeps the rest', () => {
  const unit = podUnit({ description: 'd', command: ['/bin/tsrkt', 'run', 'x'], isRepeatable: true });
  const over = overlay(unit, [
    {
      name: 'Service',
      settings: [
        ['Restart', 'always'],
        ['MemoryMax', '1G'],
      ],
    },
  ]);
  const service = Object.fromEntries(over.find(({ name }) => name === 'Service')?.settings ?? []);
  assert.deepEqual([service['Restart'], service['MemoryMax'], service['Delegate']], ['always', '1G', 'yes']);
});

const context = {
  path: 'web.pod',
  tsrkt: '/bin/tsrkt',
  globalFlags: { dir: { kind: 'string' }, 'insecure-options': { kind: 'list' } },
  podFlags: { net: { kind: 'list' }, 'no-overlay': { kind: 'boolean' } },
  appFlags: { environment: { kind: 'list' }, exec: { kind: 'string' } },
} as const;

test('podFileUnit() makes a command line of [Pod] and [App] sections', () => {
  const text =
    '[Pod]\nInsecureOptions=image\nNet=none\nNoOverlay=yes\n[App]\nImage=a\nEnvironment=X=1\nArguments=-p "8 0"\n[App]\nImage=b\nExec=/b\n[Install]\nWantedBy=a.target b.target\n';
  const unit = podFileUnit(text, context);
  const service = Object.fromEntries(unit.find(({ name }) => name === 'Service')?.settings ?? []);
  assert.equal(
    service['ExecStart'],
    '/bin/tsrkt --insecure-options=image run --net=none --no-overlay a --environment=X=1 -- -p "8 0" --- b --exec=/b',
  );
  assert.deepEqual(wantedBy(unit), ['a.target', 'b.target']);
});

test('podFileUnit() takes the example', () => {
  const path = join(import.meta.dirname, '../../../../examples/web.pod');
  const unit = podFileUnit(readFileSync(path, 'utf8'), {
    path,
    tsrkt: '/bin/tsrkt',
    globalFlags: GLOBAL_FLAGS,
    podFlags: run.flags,
    appFlags: run.appFlags ?? {},
  });
  const settings = new Map(unit.flatMap((section) => section.settings));
  assert.equal(settings.get('Description'), 'Our web site');
  assert.equal(
    settings.get('ExecStart'),
    '/bin/tsrkt run --net=default example.com/web:1.2 --environment=PORT=80 -- --title "two words"',
  );
});

test('podFileUnit() says what it does not understand', () => {
  const bad: [string, RegExp][] = [
    ['[Pod]\nNet=none\n', /no \[App\]/],
    ['[App]\nExec=/b\n', /an \[App\] needs one Image=/],
    ['[Pods]\n[App]\nImage=a\n', /unknown section \[Pods\]/],
    ['[Pod]\nColour=blue\n[App]\nImage=a\n', /unknown setting "Colour"/],
    ['[Pod]\nNoOverlay=maybe\n[App]\nImage=a\n', /NoOverlay: expected yes or no, got "maybe"/],
    ['[Pod]\n--evil=1\n[App]\nImage=a\n', /unknown setting "--evil"/],
  ];
  for (const [text, message] of bad) assert.throws(() => podFileUnit(text, context), message);
});
