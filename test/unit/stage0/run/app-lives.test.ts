import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acIdentifier } from '../../../../schema/ac-identifier.ts';
import { appLives } from '../../../../stage0/run/app-lives.ts';

const note = (name: string, value: string) => ({ name: acIdentifier(name), value });
const app = { name: 'web', eventHandlers: [], annotations: [] };
const handlers = [
  { name: 'pre-start', exec: ['/before'] },
  { name: 'post-stop', exec: [] },
] as const;

test('appLives() says nothing of apps around which nothing happens', () => {
  assert.equal(appLives([app]), undefined);
  assert.equal(appLives([{ ...app, annotations: [[note('tsrkt/event-handlers-as', 'root')]] }]), undefined);
});

test('appLives() has the handlers that are programs, as the app unless an annotation says root', () => {
  const living = { ...app, eventHandlers: handlers };
  assert.deepEqual(appLives([living]), { web: { preStart: ['/before'] } });
  const annotations = [[], [note('tsrkt/event-handlers-as', 'root')]];
  assert.deepEqual(appLives([{ ...living, annotations }]), {
    web: { preStart: ['/before'], handlersAsRoot: true },
  });
});

test("appLives() takes the pod's word on restarts before the image's", () => {
  const annotations = [[note('tsrkt/restart', 'on-failure')], [note('tsrkt/restart', 'always')]];
  assert.deepEqual(appLives([{ ...app, annotations }]), { web: { restart: 'on-failure' } });
});

test('appLives() refuses a policy nobody knows', () => {
  assert.throws(() => appLives([{ ...app, annotations: [[note('tsrkt/restart', 'sometimes')]] }]), {
    message: 'app "web": tsrkt/restart: expected one of "no", "on-failure", "always", got "sometimes"',
  });
});
