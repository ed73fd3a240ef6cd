import { test } from 'node:test';
import { absolutePath, cString, nonEmpty } from '../../../schema/c-string.ts';
import { keeps, refuses } from './check-decoder.ts';

test('cString refuses NUL, which would cut an argument short', () => {
  keeps(cString, ['', 'a b\n']);
  refuses(cString, [
    ['/etc/passwd\0.txt', 'NUL character in "/etc/passwd\\u0000.txt"'],
    [1, 'expected a string, got 1'],
  ]);
});

test('nonEmpty and absolutePath say what they want', () => {
  keeps(nonEmpty, ['a']);
  keeps(absolutePath, ['/', '/a/../b']);
  refuses(nonEmpty, [['', 'cannot be empty']]);
  refuses(absolutePath, [
    ['x', 'expected an absolute path, got "x"'],
    ['/a\0', 'expected an absolute path, got "/a\\u0000"'],
  ]);
});
