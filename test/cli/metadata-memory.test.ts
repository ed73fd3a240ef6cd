import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lock } from '../../linux/lock.ts';
import { dist, temporaryDirectory } from './executable.ts';
import { ask, registrationOf, startService } from './metadata-place.ts';
import { everybody, see, startPod } from './running-pod.ts';

const uuid = '6733c088-a507-4694-aabf-9b6e3f1a5c55';

/** Signs as a pod, and after a word from outside has this signature verified. */
const SCRIPT = `
url=$AC_METADATA_URL/acMetadata/v1/pod
sign() { busybox wget -q -O - --post-data content=text $url/hmac/sign; }
signature=$(sign | busybox sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
echo signed
while ! test -e /told/go; do sleep 0.05; done
busybox wget -q -O - --post-data "content=text&uuid=$(busybox wget -q -O - $url/uuid)&signature=$signature" $url/hmac/verify && echo verified`;

for (const { who, skip, place } of everybody)
  test(`${who}: what a pod signed is still verified after the service was killed and started anew`, {
    skip,
  }, async () => {
    using me = await place();
    const told = join(me.path, 'told');
    mkdirSync(told);
    const first = await startService({ ...me, flags: ['--listen-port=0'] });
    const volume = [`--volume=told,kind=host,source=${told}`, '--mount=volume=told,target=/told'];
    using pod = await startPod(me, ['--net=host', '--mds-register', ...volume, me.image, '--', SCRIPT]);
    await see(pod, /^signed$/m);
    await first.kill('SIGKILL');
    using _second = await startService({ ...me, flags: [`--listen-port=${first.port}`] });
    writeFileSync(join(told, 'go'), '');
    assert.equal(await pod.ended, 0, pod.output());
    assert.match(pod.output(), /^verified$/m);
  });

test('pods that have ended are forgotten: when the next registers, and when the service starts', async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const start = { command: [join(dist, 'tsrkt'), `--dir=${data}`], flags: ['--listen-port=0'] } as const;
  const run = (each: string) => {
    mkdirSync(join(data, 'pods/run', each), { recursive: true });
    return lock(join(data, 'pods/run', each), 'exclusive');
  };
  const register = (each: string, token: string) =>
    ask(join(data, 'metadata-svc.sock'), registrationOf(each, token));
  const other = uuid.replace('6', '7');
  const [one, two] = ['ab'.repeat(16), 'cd'.repeat(16)];
  const isKnown = async (port: number, token: string) =>
    (await ask(port, { path: `/${token}/acMetadata/v1/pod/uuid` })).status === 200;

  const service = await startService(start);
  const running = run(uuid);
  await register(uuid, one);
  assert.equal(await isKnown(service.port, one), true);
  running[Symbol.dispose]();
  const still = run(other);
  await register(other, two);
  assert.deepEqual([await isKnown(service.port, one), await isKnown(service.port, two)], [false, true]);
  assert.equal(existsSync(join(data, 'metadata', `${uuid}.json`)), false);
  await service.kill('SIGKILL');
  {
    using again = await startService(start);
    assert.equal(await isKnown(again.port, two), true);
    await again.kill('SIGKILL');
  }
  still[Symbol.dispose]();
  using last = await startService(start);
  assert.equal(await isKnown(last.port, two), false);
  assert.equal(existsSync(join(data, 'metadata', `${other}.json`)), false);
});
