import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, registrationOf, startService } from './metadata-place.ts';
import { makeBox, NO_PODS } from './pod-image.ts';
import { type Place, rootsPlace } from './running-pod.ts';

const skip = NO_PODS;
const ace = join(import.meta.dirname, '../ace');
const handler = (mark: string) => ['/bin/sh', '-c', `test -w /db && env > /db/${mark}`];

/** The programs of the two apps, parts of test/ace. */
const PROGRAMS = { main: ['main.sh', 'metadata.sh'], side: ['side.sh'] } as const;

const programOf = (name: keyof typeof PROGRAMS) =>
  PROGRAMS[name].map((file) => readFileSync(join(ace, file), 'utf8')).join('');

/** An image of busybox that checks from inside what an executor promises. */
async function validator(me: Place, name: keyof typeof PROGRAMS): Promise<string> {
  const image = join(me.path, `${name}.aci`);
  const app = {
    exec: ['/bin/sh', '-c', programOf(name)],
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
  const annotations = [
    { name: 'ace/check', value: 'yes' },
    { name: 'ace/merged', value: 'image' },
  ];
  await makeBox(join(me.path, name), image, { name: `example.com/ace-${name}`, app, annotations });
  return image;
}

test('the executor keeps every promise of the appc spec to two apps of a pod', { skip }, async () => {
  using me = await rootsPlace();
  using service = await startService({ ...me, flags: ['--listen-port=0'] });
  const volumes = ['--volume=database,kind=empty', '--volume=nothing,kind=empty,readOnly=true'];
  const changes = ['--annotation=ace/merged=pod', '--environment=IN_POD=yes'];
  const images = [await validator(me, 'main'), ...changes, await validator(me, 'side')];
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
  const source = programOf('main') + programOf('side');
  const clauses = [...source.matchAll(/^(?:check '|.* && echo 'ok )/gm)].length;
  assert.equal(lines.length, clauses + 6 + 4); // two loops check 6 devices and 4 directories
  const [uuid = ''] = readdirSync(join(me.data, 'pods/run'));
  const database = join(me.data, 'pods/run', uuid, 'volumes/database');
  const variables = (mark: string) =>
    readFileSync(join(database, mark), 'utf8')
      .split('\n')
      .filter((line) => /^(PATH|AC_APP_NAME|AC_METADATA_URL|container)=/.test(line))
      .sort();
  assert.equal(variables('prestart').length, 4);
  assert.deepEqual(
    variables('poststop'),
    variables('prestart'),
    'the post-stop handler has the same variables',
  );
  await verifiedByAnother(me, service.port, readFileSync(join(database, 'signature'), 'utf8').trim());
});

/** "Verify a signature from another pod": one that nobody runs, but that is registered. */
async function verifiedByAnother({ data }: Place, port: number, signed: string): Promise<void> {
  const [uuid = '', signature = ''] = signed.split(' ');
  const token = 'ab'.repeat(16);
  const another = registrationOf('6733c088-a507-4694-aabf-9b6e3f1a5c55', token);
  assert.equal((await ask(join(data, 'metadata-svc.sock'), another)).status, 200);
  const path = `/${token}/acMetadata/v1/pod/hmac/verify`;
  const verify = async (content: string) => {
    const body = `${new URLSearchParams({ content, uuid, signature })}`;
    return (await ask(port, { method: 'POST', path, body })).status;
  };
  assert.deepEqual([await verify('hello'), await verify('other')], [200, 403]);
}

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
