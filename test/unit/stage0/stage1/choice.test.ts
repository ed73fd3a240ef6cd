import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseStage1, type Stage1Choice, type Stage1Flags } from '../../../../stage0/stage1/choice.ts';

const named = { name: 'example.com/stage1', version: '2' };

function choose(flags: Stage1Flags, config = {}): Stage1Choice {
  return chooseStage1(flags, () => ({ config, imagesDirectory: '/images' }));
}

test('chooseStage1() takes the stage1 that came with tsrkt where nobody says another', () => {
  assert.deepEqual(choose({}), { kind: 'own' });
});

const flags: readonly [Stage1Flags, Stage1Choice][] = [
  [{ 'stage1-path': '/opt/stage1' }, { kind: 'executable', path: '/opt/stage1' }],
  [{ 'stage1-path': '/opt/stage1.aci' }, { kind: 'image', reference: '/opt/stage1.aci' }],
  [{ 'stage1-url': 'https://a.example/s.aci' }, { kind: 'image', reference: 'https://a.example/s.aci' }],
  [{ 'stage1-name': 'example.com/stage1:1' }, { kind: 'image', reference: 'example.com/stage1:1' }],
  [{ 'stage1-hash': 'sha512-abcd' }, { kind: 'image', reference: 'sha512-abcd' }],
  [
    { 'stage1-from-dir': 's.aci' },
    { kind: 'image', reference: '/images/s.aci', chosenBy: '--stage1-from-dir' },
  ],
];

for (const [flag, choice] of flags)
  test(`chooseStage1() obeys --${Object.keys(flag)[0]}=${Object.values(flag)[0]} whatever is configured`, () => {
    assert.deepEqual(choose(flag, named), choice);
  });

test('chooseStage1() takes what is configured: by name from the store, else from its location', () => {
  const stored = { kind: 'image', reference: 'example.com/stage1:2', storedOnly: true };
  assert.deepEqual(choose({}, named), stored);
  const otherwise = { kind: 'image', reference: '/opt/s.aci', chosenBy: 'stage1.d' };
  assert.deepEqual(choose({}, { ...named, location: '/opt/s.aci' }), { ...stored, otherwise });
  assert.deepEqual(choose({}, { location: '/opt/stage1' }), { kind: 'executable', path: '/opt/stage1' });
});

const bad: readonly [Stage1Flags, RegExp][] = [
  [{ 'stage1-path': '/a', 'stage1-hash': 'sha512-ab' }, /^--stage1-path and --stage1-hash cannot be used/],
  [{ 'stage1-name': 'https://a.example/s.aci' }, /^--stage1-name: expected an image's name/],
  [{ 'stage1-name': './s.aci' }, /^--stage1-name: expected an image's name/],
  [{ 'stage1-hash': 'example.com/s' }, /^--stage1-hash: expected an image ID/],
  [{ 'stage1-url': '/opt/s.aci' }, /^--stage1-url: expected a URL/],
  [{ 'stage1-from-dir': '../s.aci' }, /^--stage1-from-dir: expected the name of a file/],
  [{ 'stage1-from-dir': '..' }, /^--stage1-from-dir: expected the name of a file/],
  [{ 'stage1-path': '' }, /^--stage1-path: expected a value/],
];

for (const [flag, message] of bad)
  test(`chooseStage1() refuses ${JSON.stringify(flag)}`, () => {
    assert.throws(() => choose(flag), { code: 'ERR_STAGE1', message });
  });
