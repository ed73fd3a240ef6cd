import assert from 'node:assert/strict';
import { test } from 'node:test';
import { masqueradeChain, masqueradeRemoval } from '../../../../stage1/network/masquerade.ts';

const owner = { network: 'default', uuid: 'aaaa' };

/** As `iptables -t nat -S` prints it after the ptp plugin 1.1.1 ran for the container "aaaa". */
const rules = String.raw`-P PREROUTING ACCEPT
-P POSTROUTING ACCEPT
-N CNI-985a63e7f81fe9ac43060c8a
-N CNI-000000000000000000000000
-A POSTROUTING -s 172.16.28.2/32 -m comment --comment "name: \"default\" id: \"aaaa\"" -j CNI-985a63e7f81fe9ac43060c8a
-A POSTROUTING -s 172.16.28.3/32 -m comment --comment "name: \"default\" id: \"bbbb\"" -j CNI-000000000000000000000000
-A CNI-985a63e7f81fe9ac43060c8a -d 172.16.28.0/24 -m comment --comment "name: \"default\" id: \"aaaa\"" -j ACCEPT
`;

test('masqueradeChain() is the name the plugins give', () => {
  assert.equal(masqueradeChain(owner), 'CNI-985a63e7f81fe9ac43060c8a');
});

test('masqueradeRemoval() takes away the jumps, then the chain, and nothing of others', () => {
  assert.equal(
    masqueradeRemoval(rules, owner),
    String.raw`*nat
-D POSTROUTING -s 172.16.28.2/32 -m comment --comment "name: \"default\" id: \"aaaa\"" -j CNI-985a63e7f81fe9ac43060c8a
-F CNI-985a63e7f81fe9ac43060c8a
-X CNI-985a63e7f81fe9ac43060c8a
COMMIT
`,
  );
});

test('masqueradeRemoval() has nothing to do for a pod without rules', () => {
  assert.equal(masqueradeRemoval(rules, { ...owner, uuid: 'cccc' }), undefined);
});
