import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, labelValue } from '../../../schema/label.ts';
import { keeps, refuses } from './check-decoder.ts';

const label = (name: string, value: string): object => ({ name, value });

test('labels are free but for the names the spec knows', () => {
  keeps(labels, [
    [],
    [label('version', 'anything goes')],
    [label('os', 'linux'), label('arch', 'aarch64_be')],
    [label('arch', 'without an os it is not checked')],
    [label('arch', 'x86_64'), label('os', 'darwin')],
  ]);
});

test('labels are unique, not called "name", and os and arch are known', () => {
  refuses(labels, [
    [[label('name', 'x')], '[0].name: a label cannot be called "name"'],
    [[label('a', '1'), label('a', '2')], '[1].name: "a" is given twice'],
    [[label('os', 'plan9')], '[0].value: expected one of linux, freebsd, darwin, got "plan9"'],
    [[label('os', 'toString')], '[0].value: expected one of linux, freebsd, darwin, got "toString"'],
    [[label('arch', 'amd64'), label('os', 'darwin')], '[0].value: expected one of x86_64, i386, got "amd64"'],
    [[{ name: 'a' }], '[0].value: missing'],
  ]);
});

test('labelValue() finds a label', () => {
  const list = labels([label('version', '1')]);
  assert.equal(labelValue(list, 'version'), '1');
  assert.equal(labelValue(list, 'os'), undefined);
});
