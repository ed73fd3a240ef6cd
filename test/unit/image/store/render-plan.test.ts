import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImageEntry, type ImageToRender, planRendering } from '../../../../image/store/render-plan.ts';
import type { TreePath } from '../../../../image/tree-path.ts';

/** `d/` is a directory, `a=b` a hard link to b, `a@` a symbolic link, others are files. */
function entry(text: string): ImageEntry {
  const [, path = '', mark = '', target] = /^(.*?)(\/|@|=(.*))?$/.exec(text) ?? [];
  const type = mark === '/' ? 'directory' : mark === '@' ? 'symlink' : mark === '' ? 'file' : 'link';
  return {
    path: path as TreePath,
    type,
    ...(target === undefined ? {} : { linkTarget: target as TreePath }),
  };
}

function image(level: number, entries: string, whitelist = ''): ImageToRender {
  const list = (text: string) => text.split(' ').filter(Boolean);
  return { level, entries: list(entries).map(entry), whitelist: new Set(list(whitelist) as TreePath[]) };
}

/** What is taken of each image, links with their targets. */
function plan(...images: readonly ImageToRender[]): readonly string[] {
  return planRendering(images).map((placings) =>
    [...placings]
      .map(([from, { path, linkTarget }]) => `${from}>${path}${linkTarget ? `=${linkTarget}` : ''}`)
      .join(' '),
  );
}

test('planRendering() takes a path from the uppermost image that has it', () => {
  assert.deepEqual(plan(image(0, 'd/ d/a'), image(1, 'd/ d/a d/b')), ['d>d d/a>d/a', 'd/b>d/b']);
});

test('planRendering() hides what is below something that is no directory', () => {
  assert.deepEqual(plan(image(0, 'd'), image(1, 'd/ d/a e')), ['d>d', 'e>e']);
  assert.deepEqual(plan(image(0, 'd@'), image(1, 'd/ d/a')), ['d>d', '']);
  assert.deepEqual(plan(image(0, 'd/'), image(1, 'd')), ['d>d', '']);
});

test('planRendering() filters an image’s own files by its whitelist, its directories not', () => {
  assert.deepEqual(plan(image(0, 'd/ d/a d/b', 'd/a')), ['d>d d/a>d/a']);
});

test('planRendering() filters the images below by the whitelist above them, directories too', () => {
  const top = image(0, 'a', 'a d/x');
  assert.deepEqual(plan(top, image(1, 'd/ d/x d/y z')), ['a>a', 'd/x>d/x']);
});

test('planRendering() lets the uppermost whitelist of a branch rule, and intersects only with the image’s own', () => {
  const [top, middle] = [image(0, '', 'p q'), image(1, 'p q', 'q r')];
  assert.deepEqual(plan(top, middle, image(2, 'p q r')), ['', 'q>q', 'p>p']);
  const open = image(0, '');
  assert.deepEqual(plan(open, middle, image(2, 'p q r')), ['', 'q>q', 'r>r']);
});

test('planRendering() keeps the whitelist of one branch from another', () => {
  const [left, right] = [image(1, 'l', 'l ll'), image(1, 'r')];
  assert.deepEqual(plan(image(0, ''), left, image(2, 'll x'), right, image(2, 'rr')), [
    '',
    'l>l',
    'll>ll',
    'r>r',
    'rr>rr',
  ]);
});

test('planRendering() makes a hard link the file itself where the file is not taken', () => {
  assert.deepEqual(plan(image(0, 'a b=a c=b', 'b c')), ['a>b c>c=b']);
  assert.deepEqual(plan(image(0, 'a'), image(1, 'a b=a')), ['a>a', 'a>b']);
  assert.deepEqual(plan(image(0, 'a b=a')), ['a>a b>b=a']);
});

test('planRendering() does not run in circles with links', () => {
  assert.doesNotThrow(() => plan(image(0, 'a=b b=a')));
});
