import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { acName } from '../../../../schema/ac-name.ts';
import { answerNow } from '../../../../stage1/control/orders.ts';
import {
  begin,
  exitStatus,
  isAlive,
  isOver,
  patience,
  phaseOver,
  processEnded,
  type Rules,
  sandboxDied,
  signalled,
  startAsked,
  started,
  stopAsked,
  woken,
} from '../../../../stage1/supervisor/course.ts';
import type { AppRules } from '../../../../stage1/supervisor/restart.ts';

const { SIGTERM, SIGKILL } = constants.signals;
const GRACE = 5000;
const WEB = acName('web');
const empty = begin(new Map());
const main = { app: 'web', phase: 'main', since: 0 } as const;
const running = started(empty, 10, main);
const term = { type: 'signal', app: 'web', signal: SIGTERM };
const kill = { type: 'signal', app: 'web', signal: SIGKILL };

function rulesFor(web: Partial<AppRules> = {}): Rules {
  const apps = { web: { hasPreStart: false, hasPostStop: false, restart: 'no', ...web } as const };
  return { graceMs: GRACE, exitOn: 'signal', apps };
}

test('a mutable pod lives without apps, and whatever becomes of one, until a signal', () => {
  const rules = rulesFor();
  assert.equal(isOver(empty, rules), false);
  const failed = processEnded(running, rules, 10, { status: 7 }, 1);
  assert.deepEqual(
    failed.actions.map(({ type }) => type),
    ['record'],
  );
  assert.equal(isOver(failed.course, rules), false);
  const stopped = signalled(failed.course, SIGTERM, 2, GRACE).course;
  assert.deepEqual([isOver(stopped, rules), exitStatus(stopped)], [true, 0]);
});

test('an app that is asked to stop gets SIGTERM, SIGKILL when its time is over, and again until it has ended', () => {
  const rules = rulesFor({ restart: 'always' });
  const asked = stopAsked(running, 'web', 100, GRACE);
  assert.deepEqual(asked.actions, [term]);
  assert.equal(patience(asked.course, 100), GRACE);
  const late = woken(asked.course, rules, 100 + GRACE);
  assert.deepEqual(late.actions, [kill]);
  assert.equal(patience(late.course, 100 + GRACE), 1000);
  const end = { status: 137, signal: SIGKILL };
  const ended = processEnded(late.course, rules, 10, end, 6000);
  assert.deepEqual(ended.actions.at(-1), { type: 'stopped', app: 'web', end });
  assert.deepEqual([ended.course.waiting.size, ended.course.stopping.size], [0, 0]);
});

test('asked twice, it has no more time', () => {
  const { course } = stopAsked(running, 'web', 0, GRACE);
  assert.deepEqual(stopAsked(course, 'web', 4000, GRACE), { course, actions: [] });
});

test('an app that waits to be started again is stopped at once, or started at once', () => {
  const rules = rulesFor({ restart: 'always' });
  const { course } = processEnded(running, rules, 10, { status: 1 }, 1);
  assert.equal(isAlive(course, 'web'), true);
  const stopped = stopAsked(course, 'web', 2, GRACE);
  assert.deepEqual(stopped.actions, [{ type: 'stopped', app: 'web', end: undefined }]);
  assert.equal(isAlive(stopped.course, 'web'), false);
  assert.equal(answerNow({ op: 'start', app: WEB }, course), undefined);
  const again = startAsked(course, rules, 'web');
  assert.deepEqual(again.actions, [{ type: 'start', app: 'web', phase: 'main' }]);
  assert.deepEqual([again.course.waiting.size, again.course.tries.size], [0, 0]);
});

test('a stopped app’s post-stop handler runs, with a time of its own, before the stop is over', () => {
  const rules = rulesFor({ hasPostStop: true, restart: 'always' });
  const asked = stopAsked(running, 'web', 0, GRACE).course;
  const over = processEnded(asked, rules, 10, { status: 143 }, 4000);
  assert.deepEqual(over.actions.at(-1), { type: 'start', app: 'web', phase: 'post-stop' });
  assert.equal(patience(over.course, 4000), GRACE);
  const handler = started(over.course, 11, { ...main, phase: 'post-stop' });
  const stopped = processEnded(handler, rules, 11, { status: 0 }, 5000);
  assert.deepEqual(stopped.actions, [{ type: 'stopped', app: 'web', end: { status: 143 } }]);
});

test('an app that is asked to stop before it was started is not started', () => {
  const rules = rulesFor({ hasPreStart: true });
  const handler = started(empty, 10, { ...main, phase: 'pre-start' });
  const asked = stopAsked(handler, 'web', 0, GRACE);
  assert.deepEqual(asked.actions, [term]);
  const ended = processEnded(asked.course, rules, 10, { status: 0 }, 1);
  assert.deepEqual(
    ended.actions.map(({ type }) => type),
    ['record', 'stopped'],
  );
});

test('an app that cannot be started has ended, and the pod goes on', () => {
  const { course } = phaseOver(empty, rulesFor(), main, { status: 254 }, 0);
  assert.deepEqual([isAlive(course, 'web'), isOver(course, rulesFor())], [false, false]);
});

test('a mutable pod whose first process was killed is over when its apps are', () => {
  const { course } = sandboxDied(running, 3);
  assert.equal(isOver(course, rulesFor()), false);
  const ended = processEnded(course, rulesFor({ restart: 'always' }), 10, { status: 137 }, 4).course;
  assert.deepEqual([isOver(ended, rulesFor()), exitStatus(ended)], [true, 137]);
});

test('what is so already is answered at once, and so is what cannot be', () => {
  const already = { result: 'done', already: true };
  assert.deepEqual(answerNow({ op: 'start', app: WEB }, running), already);
  assert.deepEqual(answerNow({ op: 'stop', app: WEB }, empty), already);
  assert.deepEqual(answerNow({ op: 'rm', app: WEB }, empty), already);
  const stopping = stopAsked(running, 'web', 0, GRACE).course;
  assert.deepEqual(answerNow({ op: 'start', app: WEB }, stopping), {
    result: 'failed',
    why: 'app "web" is being stopped',
  });
  const ending = signalled(running, SIGTERM, 0, GRACE).course;
  assert.deepEqual(answerNow({ op: 'stop', app: WEB }, ending), {
    result: 'failed',
    why: 'the pod is being stopped',
  });
});
