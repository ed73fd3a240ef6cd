import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keysFor } from '../../../trust/keystore.ts';
import { openTrust } from '../../../trust/open-trust.ts';
import { gpgHome } from './gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

test('openTrust() takes keys from system and local, and policy from the user, too', async () => {
  const [systemConfig, localConfig, userConfig] = ['usr', 'etc', 'user'].map((name) =>
    join(home.directory, name),
  ) as [string, string, string];
  const keys = [systemConfig, localConfig, userConfig].map((directory) => {
    const fingerprint = home.key(directory);
    mkdirSync(join(directory, 'trustedkeys/root.d'), { recursive: true });
    writeFileSync(join(directory, 'trustedkeys/root.d', fingerprint), home.export(fingerprint));
    return fingerprint;
  });
  mkdirSync(join(userConfig, 'policy.d'));
  writeFileSync(join(userConfig, 'policy.d/10.json'), '{"default": {"reject": true}}');
  const { store, policy } = openTrust({ systemConfig, localConfig, userConfig });
  const { openpgp } = await keysFor(store, 'example.com/app');
  assert.deepEqual(openpgp.map(({ fingerprint }) => fingerprint) as string[], keys.slice(0, 2));
  assert.equal(policy.rules[0]?.rule.type, 'reject');
  assert.deepEqual(openTrust({ systemConfig, localConfig }).policy.rules, []);
});
