import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configuredNetworks } from '../../../../stage0/network/configured-networks.ts';
import { dataDirectory } from '../pods-on-disk.ts';

function configure(root: string, files: Record<string, string>): void {
  mkdirSync(join(root, 'net.d'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'net.d', name), content);
}

test('configuredNetworks() of a directory without net.d are none', () => {
  assert.deepEqual(configuredNetworks('/nowhere'), []);
});

test('configuredNetworks() reads single plugins and lists, in the order of the files', () => {
  using directory = dataDirectory();
  configure(directory.path, {
    '20-b.conf': '{"cniVersion": "1.0.0", "name": "b", "type": "bridge"}',
    '10-a.conflist':
      '{"cniVersion": "1.0.0", "name": "a", "plugins": [{"type": "ptp"}, {"type": "portmap"}]}',
    README: 'not a network',
  });
  const plugins = configuredNetworks(directory.path).map(({ name, plugins }) => [
    name,
    ...plugins.map(({ type }) => type),
  ]);
  assert.deepEqual(plugins, [
    ['a', 'ptp', 'portmap'],
    ['b', 'bridge'],
  ]);
});

test('configuredNetworks() names the file that is wrong, and the place in it', () => {
  using directory = dataDirectory();
  configure(directory.path, { 'a.conf': '{"name": "a"}' });
  assert.throws(() => configuredNetworks(directory.path), {
    code: 'ERR_DECODE',
    message: new RegExp(`^${directory.path}/net\\.d/a\\.conf: type: `),
  });
});
