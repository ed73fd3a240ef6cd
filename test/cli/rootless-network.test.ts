import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from './executable.ts';
import { home, loneUser, type OrdinaryUser, userWithRanges } from './ordinary-user.ts';
import { makeBox, NO_PODS } from './pod-image.ts';

const hasPasta = runProgram('sh', ['-c', 'command -v pasta']).status === 0;
const skip = NO_PODS || (!hasPasta && 'no pasta: install the Debian package passt');
const user = userWithRanges() ?? loneUser;
const PORTS = { ports: [{ name: 'echo', protocol: 'tcp', port: 80 }] };

test('--net=default of an ordinary user reaches the world, and nothing that listens on the host alone', {
  skip,
}, async () => {
  using me = await network(user);
  // the input stays open: pasta of Debian 12 does not pass on the end of a connection that the pod has half closed
  const script =
    'sleep 2 | nc 192.0.2.1 7000; nc -w 2 172.16.28.1 7001 || echo refused; stat -c %F /sys/class/net/eth0/';
  const { stdout } = me.onHost(`
    $world busybox nc -l -p 7000 -e echo world &
    busybox nc -l -p 7001 -e echo secret &
    ${me.command} run ${me.image} -- '${applets(script)}'
    ${me.command} list --no-legend --full`);
  assert.match(stdout, /^world\nrefused\ndirectory\n.*default:ip4=172\.16\.28\.2/);
});

for (const { who, owner } of [
  { who: 'an ordinary user', owner: user },
  { who: 'a user without ranges of ids', owner: loneUser },
])
  test(`the metadata service of ${who} tells an app in --net=default, and in --net=host, which pod it is in`, {
    skip,
  }, async () => {
    using me = await network(owner);
    const ask =
      '/bin/busybox wget -q -O - --header "Metadata-Flavor: AppContainer" $AC_METADATA_URL/acMetadata/v1/pod/uuid';
    const script = `${ask}; echo; hostname; nc -w 2 127.0.0.1 7001 || echo refused`;
    const run = (net: string) =>
      `${me.command} run --mds-register --net=${net} ${me.image} -- '${applets(script)}'`;
    const { stdout, stderr } = me.onHost(`
    busybox nc -ll -p 7001 -e echo secret &
    ${me.command} metadata-service --listen-port=18113 & service=$!
    until busybox nc -w 1 127.0.0.1 18113 < /dev/null; do sleep 0.1; done
    ${run('default')}
    ${run('host')}
    kill $service; wait $service`);
    const uuid = '[0-9a-f-]{36}';
    const inDefault = String.raw`(${uuid})\ntsrkt-\1\nrefused\n`;
    assert.match(stdout, new RegExp(String.raw`^${inDefault}(${uuid})\ntsrkt-\2\nsecret\n$`), stderr);
  });

test('--port forwards a port of the host to a pod of an ordinary user', { skip }, async () => {
  using me = await network(user);
  const { stdout, stderr } = me.onHost(`
    ${me.command} run --port=echo:18080 ${me.image} -- '${applets('nc -l -p 80 -e echo from the pod')}' &
    tries=0
    until busybox nc -w 5 127.0.0.1 18080 < /dev/null | grep . || [ $((tries += 1)) = 100 ]; do sleep 0.1; done`);
  assert.match(stdout, /^from the pod\n$/, stderr);
});

test('a host port that is taken, or a network of root’s, is one sentence', { skip }, async () => {
  using me = await network(user);
  const { stderr } = me.onHost(`
    busybox nc -l -p 18080 -e true &
    sleep 0.3
    ${me.command} run --port=echo:18080 ${me.image} -- true
    ${me.command} run --net=other ${me.image} -- true`);
  assert.match(stderr, /^stage1: set up network "default": pasta: .*18080.*$/m);
  assert.match(
    stderr,
    /^run: --net=other: only root can join pods to networks\nhint: an ordinary user has default, host or none$/m,
  );
});

test('pasta ends with the pod, also when its supervisor is killed', { skip }, async () => {
  using me = await network(user);
  const count = `ps -eo args | grep -c '^pasta.*${me.path}' || true`;
  const { stdout } = me.onHost(`
    ${me.command} run ${me.image} -- true; ${count}
    ${me.command} run ${me.image} -- 'sleep 100' &
    until [ -e ${me.data}/pods/run/*/pasta.pid ]; do sleep 0.1; done; ${count}
    kill -9 $(cat ${me.data}/pods/run/*/ppid); sleep 1; ${count}
    ${me.command} gc --grace-period=0s >/dev/null 2>&1; ls ${me.data}/pods/*/`);
  assert.match(stdout, /^0\n1\n0\n(.*:\n*)+$/);
});

/** All that was started on it ends with the host. */
const NAMESPACES = ['-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc'];

/** Calls of busybox's applets. */
function applets(script: string): string {
  return script.replaceAll('nc ', '/bin/busybox nc ');
}

/** A home on a host with a network, made for the test: a world of one address, and /dev/net/tun as udev gives it to users. */
async function network(owner: OrdinaryUser) {
  const me = await home(owner);
  const image = join(me.path, '../echo.aci');
  await makeBox(join(me.path, '../echo'), image, {
    app: { exec: ['/bin/sh', '-c'], user: '0', group: '0', ...PORTS },
  });
  const tun = join(me.path, '../tun');
  spawnSync('mknod', ['-m', '666', tun, 'c', '10', '200']);
  const host = `
    ip link set lo up; ip link add eth9 type veth peer world
    unshare -n sleep 1000 & world="nsenter -n -t $!"; sleep 0.2; ip link set world netns $!
    ip addr add 192.0.2.10/24 dev eth9; ip link set eth9 up
    $world ip addr add 192.0.2.1/24 dev world; $world ip link set world up; ip route add default via 192.0.2.1
    mount --bind ${tun} /dev/net/tun`;
  const assignments = Object.entries(me.environment).map(([name, value]) => `${name}=${value}`);
  const command = ['env', ...assignments, 'setpriv', ...me.argv, '--insecure-options=image'].join(' ');
  const onHost = (script: string) =>
    runProgram('unshare', [...NAMESPACES, 'sh', '-c', `${host}\n${script}`], { cwd: me.path });
  return { ...me, image, command, onHost };
}
