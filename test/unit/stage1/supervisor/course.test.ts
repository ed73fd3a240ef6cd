import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import {
  appEnded,
  begin,
  exitStatus,
  patience,
  signalled,
  woken,
} from '../../../../stage1/supervisor/course.ts';

const { SIGTERM, SIGINT, SIGHUP, SIGTSTP } = constants.signals;
const GRACE = 5000;
const pod = begin(
  new Map([
    [10, 'web'],
    [11, 'db'],
  ]),
);

test('the end of the last app ends the pod with 0 when none failed', () => {
  const one = appEnded(pod, 10, 0, 0, GRACE);
  assert.deepEqual(one.actions, []);
  const both = appEnded(one.course, 11, 0, 0, GRACE);
  assert.equal(both.course.running.size, 0);
  assert.equal(exitStatus(both.course), 0);
});

test('an app that fails stops the others, and its status is the pod’s', () => {
  const { course, actions } = appEnded(pod, 10, 7, 100, GRACE);
  assert.deepEqual(actions, [{ type: 'signal', signal: SIGTERM }]);
  assert.equal(course.killAt, 100 + GRACE);
  const stopped = appEnded(course, 11, 143, 200, GRACE);
  assert.deepEqual(stopped.actions, []);
  assert.equal(exitStatus(stopped.course), 7);
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
  assert.deepEqual(woken(course, GRACE - 1).actions, []);
  assert.deepEqual(woken(course, GRACE).actions, [{ type: 'kill' }]);
});

test('patience() is for ever until the pod stops, then until the deadline', () => {
  assert.equal(patience(pod, 0), -1);
  const { course } = signalled(pod, SIGTERM, 0, GRACE);
  assert.equal(patience(course, 4999.5), 1);
  assert.equal(patience(course, 9000), 0);
});
