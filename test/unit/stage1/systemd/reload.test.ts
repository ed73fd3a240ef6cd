import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedToReload,
  hearOfReload,
  isReloading,
  ofReload,
  SILENCE_US,
  silentAt,
  untilSilent,
} from '../../../../stage1/systemd/reload.ts';
import { newSpeaker, type Speaker } from '../../../../stage1/systemd/speaker.ts';

const idle: Speaker = { ...newSpeaker('web', 5), isReady: true };
const teller: Speaker = { ...idle, tellsReload: true };
const asked = askedToReload(teller, 1000);

const reloading = (time?: number | string) => ({
  RELOADING: '1',
  ...(time === undefined ? {} : { MONOTONIC_USEC: `${time}` }),
});
const ready = { READY: '1' };

/** What becomes of an app that says all this at the time 5000. */
const after = (speaker: Speaker, messages: readonly Record<string, string>[], offset = 0) =>
  messages.reduce((each, message) => hearOfReload(each, message, { now: 5000, offset }), speaker);

test('an app has reloaded when it is ready after a reload that began since it was asked', () => {
  assert.ok(isReloading(after(asked, [reloading(1000)])));
  assert.ok(!isReloading(after(asked, [reloading(1000), ready])));
  assert.ok(!isReloading(after(asked, [{ ...reloading(2000), ...ready }])));
  assert.ok(!isReloading(after(asked, [reloading(), ready])), 'without a time any is an answer');
  assert.ok(!isReloading(after(asked, [reloading('9'.repeat(20)), ready])));
});

test('a reload that began before is no answer, nor is being ready after it', () => {
  assert.ok(isReloading(after(asked, [reloading(999), ready])));
  assert.ok(!isReloading(after(asked, [reloading(999), ready, reloading(1500), ready])));
  const own = after(idle, [reloading(500)]);
  assert.deepEqual(own.reload, { since: 500, hasBegun: true });
  assert.ok(isReloading(after(askedToReload(own, 1000), [ready])));
  assert.ok(isReloading(after(asked, [ready])), 'it has said before that it says RELOADING');
});

test('an app with a monotonic clock of its own is understood, whether that is ahead or behind', () => {
  assert.ok(isReloading(after(asked, [reloading(1_000_999), ready], 1_000_000)));
  assert.ok(!isReloading(after(asked, [reloading(1_001_000), ready], 1_000_000)));
  assert.deepEqual(after(idle, [reloading(100)], -900).reload?.since, 1000);
});

test('the time of a reload is never later than now, nor below zero', () => {
  assert.equal(after(idle, [reloading(6000)]).reload?.since, 5000);
  assert.equal(after(idle, [reloading(10)], 1000).reload?.since, 0);
  for (const nonsense of ['', '-1', '1e3', ' 1', '0x1', 'NaN'])
    assert.deepEqual(after(idle, [reloading(nonsense)]).reload, { hasBegun: true }, nonsense);
});

test('an app that says nothing of reloads is ready when it says that, or after two seconds', () => {
  const silent = askedToReload(idle, 1000);
  assert.ok(!isReloading(after(silent, [ready])));
  assert.deepEqual([untilSilent([silent], 1000), untilSilent([asked, idle], 1000)], [2000, -1]);
  assert.deepEqual(
    [1000, 1000 + SILENCE_US - 1, 1000 + SILENCE_US].map((now) => silentAt(now)(silent)),
    [false, false, true],
  );
  assert.equal(untilSilent([after(silent, [reloading(1000)])], 1000), -1, 'from then on it is waited for');
});

test('a pod reloads from when the first app does until no app does any more', () => {
  const [one, other] = [asked, askedToReload({ ...teller, app: 'other' }, 1000)];
  const [oneDone, otherDone] = [after(one, [reloading(), ready]), after(other, [reloading(), ready])];
  assert.deepEqual(ofReload([oneDone, otherDone], [one, otherDone]), {
    RELOADING: '1',
    MONOTONIC_USEC: '1000',
  });
  assert.deepEqual(ofReload([one, otherDone], [one, other]), {});
  assert.deepEqual(ofReload([one, other], [oneDone, other]), {});
  assert.deepEqual(ofReload([oneDone, other], [oneDone, otherDone]), ready);
  assert.deepEqual(ofReload([oneDone, otherDone], [oneDone, otherDone]), {});
  assert.deepEqual(ofReload([idle], [after(idle, [reloading()])]), { RELOADING: '1' });
});
