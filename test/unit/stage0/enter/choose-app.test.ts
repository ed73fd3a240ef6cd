import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseApp } from '../../../../stage0/enter/choose-app.ts';

test('chooseApp() takes the app named, or the only one', () => {
  assert.equal(chooseApp(['web'], undefined), 'web');
  assert.equal(chooseApp(['web', 'db'], 'db'), 'db');
});

test('chooseApp() refuses to guess', () => {
  assert.throws(() => chooseApp(['web', 'db'], undefined), {
    message: 'pod contains multiple apps: web, db',
    hint: 'say which with --app=NAME',
  });
  assert.throws(() => chooseApp(['web'], 'db'), {
    message: 'the pod has no app "db"',
    hint: 'its apps are web',
  });
  assert.throws(() => chooseApp([], undefined), { message: 'pod contains zero apps' });
});
