import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startService } from './metadata-place.ts';
import { makeBox, NO_PODS } from './pod-image.ts';
import { type Place, rootsPlace } from './running-pod.ts';

const skip = NO_PODS;
const ace = join(import.meta.dirname, '../ace');
const handler = (mark: string) => ['/bin/sh', '-c', `test -w /db && echo ${mark} > /db/${mark}`];

/** An image of busybox that checks from inside what an executor promises; test/ace has its program. */
async function validator(me: Place, name: 'main' | 'side'): Promise<string> {
  const image = join(me.path, `${name}.aci`);
  const app = {
    exec: ['/bin/sh', '-c', readFileSync(join(ace, `${name}.sh`), 'utf8')],
    user: '0',
    group: '0',
    workingDirectory: '/opt/acvalidator',
    environment: [{ name: 'IN_ACE_VALIDATOR', value: 'correct' }],
    mountPoints: [
      { name: 'database', path: '/db' },
      { name: 'nothing', path: '/ro', readOnly: true },
    ],
    ...(name === 'main' && {
      eventHandlers: [
        { name: 'pre-start', exec: handler('prestart') },
        { name: 'post-stop', exec: handler('poststop') },
      ],
    }),
  };
  const annotations = [{ name: 'ace/check', value: 'yes' }];
  await makeBox(join(me.path, name), image, { name: `example.com/ace-${name}`, app, annotations });
  return image;
}

test('the executor keeps every promise of the appc spec to two apps of a pod', { skip }, async () => {
  using me = await rootsPlace();
  using _service = await startService({ ...me, flags: ['--listen-port=0'] });
  const volumes = ['--volume=database,kind=empty', '--volume=nothing,kind=empty,readOnly=true'];
  const images = [await validator(me, 'main'), await validator(me, 'side')];
  const { status, stdout, stderr } = me.tsrkt([
    'run',
    '--net=default',
    '--mds-register',
    ...volumes,
    ...images,
  ]);
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('ok ')),
    [],
  );
  const source = ['main', 'side'].map((name) => readFileSync(join(ace, `${name}.sh`), 'utf8')).join('');
  const clauses = [...source.matchAll(/^(?:check '|.* && echo 'ok )/gm)].length;
  assert.equal(lines.length, clauses + 6 + 4); // two loops check 6 devices and 4 directories
  const [uuid = ''] = readdirSync(join(me.data, 'pods/run'));
  const shared = readdirSync(join(me.data, 'pods/run', uuid), { recursive: true, encoding: 'utf8' });
  assert.ok(
    shared.some((path) => path.endsWith('/poststop')),
    'the post-stop handler has run',
  );
});

test('--mds-register needs a service, and a network', { skip }, async () => {
  using me = await rootsPlace();
  assert.equal(
    me.tsrkt(['run', '--mds-register', me.image]).stderr,
    'run: register with the metadata service: none is there\nhint: tsrkt metadata-service starts it\n',
  );
  assert.match(
    me.tsrkt(['run', '--mds-register', '--net=none', me.image]).stderr,
    /^run: --mds-register flag does not work with --net=none\n/,
  );
});
