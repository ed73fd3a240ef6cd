import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flags } from '../../../../cmd/flag.ts';
import { scan } from '../../../../cmd/scan.ts';
import { type AppArgs, refuseArguments, splitAppArgs } from '../../../../cmd/tsrkt/app-args.ts';

const flags: Flags = {
  debug: { kind: 'boolean', describe: '' },
  net: { kind: 'list', bare: 'default', describe: '' },
  'set-env': { kind: 'list', describe: '' },
  exec: { kind: 'string', describe: '' },
  environment: { kind: 'list', describe: '' },
};
const appFlags = ['exec', 'environment'];

async function split(line: string) {
  const tokens = await scan(line.split(' ').filter(Boolean), { flags, unsupported: ['memory'] });
  return splitAppArgs(tokens, appFlags);
}

function app(reference: string, flags: Record<string, string> = {}, args?: string[]): AppArgs {
  return { reference, flags: Object.entries(flags).map(([name, value]) => ({ name, value })), args };
}

const good: readonly [string, AppArgs[], Record<string, string>][] = [
  ['', [], {}],
  ['a.aci', [app('a.aci')], {}],
  ['a.aci b.aci', [app('a.aci'), app('b.aci')], {}],
  ['a.aci --', [app('a.aci', {}, [])], {}],
  ['a.aci -- --exec x', [app('a.aci', {}, ['--exec', 'x'])], {}],
  ['a.aci -- -x --- b.aci -- -y', [app('a.aci', {}, ['-x']), app('b.aci', {}, ['-y'])], {}],
  ['a.aci -- x -- y --- b', [app('a.aci', {}, ['x', '--', 'y']), app('b')], {}],
  ['--- a.aci --- b.aci', [app('a.aci'), app('b.aci')], {}],
  ['--net a.aci', [app('a.aci')], { net: 'default' }],
  ['--net=host a.aci', [app('a.aci')], { net: 'host' }],
  ['a.aci --net=none', [app('a.aci')], { net: 'none' }],
  ['--set-env A=B a.aci', [app('a.aci')], { 'set-env': 'A=B' }],
  ['a --exec /x b --exec=/y', [app('a', { exec: '/x' }), app('b', { exec: '/y' })], {}],
  ['a --environment=A=B=C', [app('a', { environment: 'A=B=C' })], {}],
  ['a --exec -x', [app('a', { exec: '-x' })], {}],
  ['--debug=false -', [app('-')], { debug: 'false' }],
  ['--debug true', [app('true')], { debug: 'true' }],
  ['--debug=1 --debug=0', [], { debug: 'false' }],
  ['a --exec --net --net', [app('a', { exec: '--net' })], { net: 'default' }],
  ['a --exec="x"', [app('a', { exec: '"x"' })], {}],
  ['a --exec=', [app('a', { exec: '' })], {}],
  ['a --exec 010 --environment 1e3', [app('a', { exec: '010', environment: '1e3' })], {}],
];

for (const [line, apps, podFlags] of good) {
  test(`splitAppArgs() of "${line}"`, async () => {
    const result = await split(line);
    assert.deepEqual(result.apps, apps);
    assert.deepEqual(Object.fromEntries(result.podFlags.map(({ name, value }) => [name, value])), podFlags);
  });
}

const bad: readonly [string, string][] = [
  ['-- x', 'an image is required before any app arguments'],
  ['--debug -- x', 'an image is required before any app arguments'],
  ['a -- x --- -- y', 'only one set of app arguments allowed per image'],
  ['--exec /x a', '--exec must follow an image'],
  ['a --exec /x --exec /y', '--exec given twice for image "a"'],
  ['a --memory 1G', '--memory is not supported yet'],
  ['a --memory=1G', '--memory is not supported yet'],
  ['--constructor a', 'unknown flag: --constructor'],
  ['--nope=1', 'unknown flag: --nope'],
  ['-d', 'unknown flag: -d'],
  ['-debug', 'unknown flag: -debug'],
  ['--no-debug', 'unknown flag: --no-debug'],
  ['--_=x', 'unknown flag: --_'],
  ['--setEnv=A=B', 'unknown flag: --setEnv'],
  ['--set-env.x=1', 'unknown flag: --set-env.x'],
  ['a --exec', 'flag needs an argument: --exec'],
  ['a --exec -- x', 'flag needs an argument: --exec'],
  ['--debug=maybe', 'invalid value "maybe" for --debug: expected true or false'],
];

for (const [line, message] of bad) {
  test(`splitAppArgs() of "${line}" says: ${message}`, async () => {
    await assert.rejects(split(line), { message, code: 'ERR_USAGE' });
  });
}

test('refuseArguments() says that app arguments are unsupported', async () => {
  const tokens = await scan(['a', '--', 'x'], { flags });
  assert.throws(() => refuseArguments(tokens), { message: 'app arguments unsupported' });
  refuseArguments(await scan(['a', 'b'], { flags }));
});
