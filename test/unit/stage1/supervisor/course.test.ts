import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import {
  begin,
  type Course,
  exitStatus,
  firstPhase,
  isOver,
  mayStartMain,
  type Phase,
  patience,
  phaseOver,
  processEnded,
  type Rules,
  signalled,
  started,
  woken,
} from '../../../../stage1/supervisor/course.ts';
import { type AppRules, restartDelay } from '../../../../stage1/supervisor/restart.ts';

const { SIGTERM, SIGINT, SIGHUP, SIGTSTP } = constants.signals;
const GRACE = 5000;
const plain: Rules = { graceMs: GRACE, exitOn: 'failure', apps: {} };
const main = (app: string) => ({ app, phase: 'main', since: 0 }) as const;
const pod = begin(
  new Map([
    [10, main('web')],
    [11, main('db')],
  ]),
);

function rulesFor(web: Partial<AppRules>, exitOn: Rules['exitOn'] = 'failure'): Rules {
  const apps = { web: { hasPreStart: false, hasPostStop: false, restart: 'no', ...web } as const };
  return { graceMs: GRACE, exitOn, apps };
}

const ended = (course: Course, pid: number, status: number, now = 0, rules = plain) =>
  processEnded(course, rules, pid, { status }, now);
const record = (app: string, status: number) => ({ type: 'record', app, end: { status } });
const start = (app: string, phase: Phase) => ({ type: 'start', app, phase });

test('the end of the last app ends the pod with 0 when none failed', () => {
  const one = ended(pod, 10, 0);
  assert.deepEqual(one.actions, [record('web', 0)]);
  assert.equal(isOver(one.course, plain), false);
  const both = ended(one.course, 11, 0);
  assert.equal(isOver(both.course, plain), true);
  assert.equal(exitStatus(both.course), 0);
});

test('an app that fails stops the others, and its status is the pod’s', () => {
  const { course, actions } = ended(pod, 10, 7, 100);
  assert.deepEqual(actions, [record('web', 7), { type: 'signal', signal: SIGTERM }]);
  assert.equal(course.killAt, 100 + GRACE);
  const stopped = ended(course, 11, 143, 200);
  assert.deepEqual(stopped.actions, [record('db', 143)]);
  assert.equal(exitStatus(stopped.course), 7);
});

test('a pod that ends with any app stops when one ends well, one that waits for all goes on when one fails', () => {
  const any = ended(pod, 10, 0, 0, rulesFor({}, 'any'));
  assert.deepEqual(any.actions.at(-1), { type: 'signal', signal: SIGTERM });
  const all = ended(pod, 10, 7, 0, rulesFor({}, 'all'));
  assert.deepEqual(all.actions, [record('web', 7)]);
  assert.equal(exitStatus(ended(all.course, 11, 0).course), 7);
});

test('an app that is to be restarted is started again after a while, which is longer each time', () => {
  const rules = rulesFor({ restart: 'always' });
  const first = ended(pod, 10, 0, 50, rules);
  assert.deepEqual([first.actions, patience(first.course, 50)], [[record('web', 0)], 100]);
  assert.deepEqual(woken(first.course, rules, 149).actions, []);
  const { course, actions } = woken(first.course, rules, 150);
  assert.deepEqual([actions, course.waiting.size], [[start('web', 'main')], 0]);
  const again = ended(started(course, 12, { ...main('web'), since: 150 }), 12, 1, 160, rules);
  assert.equal(patience(again.course, 160), 200);
});

test('on-failure restarts what fails, and only that', () => {
  const rules = rulesFor({ restart: 'on-failure' });
  assert.equal(ended(pod, 10, 0, 0, rules).course.waiting.size, 0);
  assert.equal(ended(pod, 10, 1, 0, rules).course.waiting.size, 1);
});

test('restartDelay() doubles to a minute, and forgets after a steady time', () => {
  assert.deepEqual(
    [0, 1, 5, 30].map((tries) => restartDelay(tries, 0).delay),
    [100, 200, 3200, 60_000],
  );
  assert.deepEqual(restartDelay(5, 10_000), { delay: 100, tries: 1 });
});

test('a pod that stops restarts nothing, whatever the policy', () => {
  const rules = rulesFor({ restart: 'always' });
  const waiting = ended(ended(pod, 11, 0, 0, rules).course, 10, 0, 0, rules);
  assert.equal(isOver(waiting.course, plain), false);
  assert.equal(isOver(signalled(waiting.course, SIGTERM, 10, GRACE).course, plain), true);
  const stopping = signalled(pod, SIGTERM, 0, GRACE).course;
  assert.equal(ended(stopping, 10, 143, 1, rules).course.waiting.size, 0);
});

test('the app is started when its pre-start handler has ended well', () => {
  const rules = rulesFor({ hasPreStart: true });
  assert.equal(firstPhase(rules.apps['web']), 'pre-start');
  const before = begin(new Map([[10, { app: 'web', phase: 'pre-start', since: 0 }]]));
  assert.deepEqual(ended(before, 10, 0, 1, rules).actions, [start('web', 'main')]);
  const failed = ended(before, 10, 3, 1, rules);
  assert.deepEqual([failed.actions, exitStatus(failed.course)], [[record('web', 3)], 3]);
});

test('a pre-start handler that ends while the pod stops starts nothing', () => {
  const before = begin(new Map([[10, { app: 'web', phase: 'pre-start', since: 0 }]]));
  const stopping = signalled(before, SIGTERM, 0, GRACE).course;
  assert.equal(isOver(ended(stopping, 10, 0, 1, rulesFor({ hasPreStart: true })).course, plain), true);
});

test('the post-stop handler runs after the app, also when the pod stops; the app’s status counts', () => {
  const rules = rulesFor({ hasPostStop: true });
  const stopping = signalled(pod, SIGTERM, 0, GRACE).course;
  const { course, actions } = ended(stopping, 10, 9, 1, rules);
  assert.deepEqual(actions, [record('web', 9), start('web', 'post-stop')]);
  const after = started(course, 12, { app: 'web', phase: 'post-stop', since: 1 });
  const done = ended(after, 12, 1, 2, rules);
  assert.deepEqual([done.actions, exitStatus(done.course)], [[], 9]);
});

test('no handler is started in a pod that was killed', () => {
  const stopping = signalled(pod, SIGTERM, 0, GRACE).course;
  assert.deepEqual(ended(stopping, 10, 137, GRACE, rulesFor({ hasPostStop: true })).actions, [
    record('web', 137),
  ]);
});

test('an app that cannot be started has ended', () => {
  const { course } = ended(begin(new Map([[10, main('web')]])), 10, 0);
  const failed = phaseOver(course, plain, main('web'), { status: 254 }, 0);
  assert.deepEqual([failed.actions, exitStatus(failed.course)], [[record('web', 254)], 254]);
});

test('SIGTERM and SIGINT are forwarded and start the grace period, once', () => {
  const first = signalled(pod, SIGINT, 0, GRACE);
  assert.deepEqual(first.actions, [{ type: 'signal', signal: SIGINT }]);
  const second = signalled(first.course, SIGTERM, 1000, GRACE);
  assert.deepEqual(second.actions, [{ type: 'signal', signal: SIGTERM }]);
  assert.equal(second.course.killAt, GRACE);
});

test('SIGHUP is forwarded and stops nothing', () => {
  const { course, actions } = signalled(pod, SIGHUP, 0, GRACE);
  assert.deepEqual(actions, [{ type: 'signal', signal: SIGHUP }]);
  assert.equal(course.killAt, undefined);
});

test('SIGTSTP is nobody’s', () => {
  assert.deepEqual(signalled(pod, SIGTSTP, 0, GRACE).actions, []);
});

test('after the grace period what still runs is killed', () => {
  const { course } = signalled(pod, SIGTERM, 0, GRACE);
  assert.deepEqual(woken(course, plain, GRACE - 1).actions, []);
  assert.deepEqual(woken(course, plain, GRACE).actions, [{ type: 'kill' }]);
});

test('patience() is for ever until the pod stops, then until the deadline', () => {
  assert.equal(patience(pod, 0), -1);
  const { course } = signalled(pod, SIGTERM, 0, GRACE);
  assert.equal(patience(course, 4999.5), 1);
  assert.equal(patience(course, 9000), 0);
});

test('mayStartMain() names the apps that may begin yet, or again, and nobody while the pod stops', () => {
  const names = (course: Course, rules: Rules) => [...mayStartMain(course, rules)];
  const always = rulesFor({ restart: 'always' });
  const handled = rulesFor({ hasPreStart: true, hasPostStop: true, restart: 'on-failure' });
  assert.deepEqual([names(pod, plain), names(pod, always)], [[], ['web']]);
  assert.deepEqual(names(ended(pod, 10, 0, 0, always).course, always), ['web']); // it waits
  assert.deepEqual(names(signalled(pod, SIGTERM, 0, GRACE).course, always), []);
  const before = started(begin(new Map()), 10, { app: 'web', phase: 'pre-start', since: 0 });
  assert.deepEqual(names(before, rulesFor({ hasPreStart: true })), ['web']);
  assert.deepEqual(names(ended(pod, 10, 1, 0, handled).course, handled), ['web']); // after post-stop
  assert.deepEqual(names(ended(pod, 10, 0, 0, handled).course, handled), []);
});
