import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { blobHasher } from '../../../../trust/openpgp/blob-hasher.ts';
import { parseKeys } from '../../../../trust/openpgp/key.ts';
import { parseSignatures } from '../../../../trust/openpgp/signature.ts';
import { verifyDetached } from '../../../../trust/openpgp/verify-detached.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrkt-sq-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string) => join(directory, name);
const sq = (...args: string[]) => execFileSync('sq', args, { stdio: ['ignore', 'ignore', 'ignore'] });

const data = Buffer.from('an image');
writeFileSync(file('data'), data);
sq('key', 'generate', '--userid', 'Sam', '--export', file('key'));
sq('key', 'extract-cert', '--output', file('cert'), file('key'));
sq('sign', '--detached', '--signer-key', file('key'), '--output', file('signature'), file('data'));
const keys = await parseKeys(readFileSync(file('cert')), 'cert');

async function isAccepted(signed: Uint8Array): Promise<boolean> {
  const signatures = await parseSignatures(readFileSync(file('signature')), 'signature');
  const hasher = blobHasher([], signatures);
  hasher.update(signed);
  const [digest] = hasher.signatureDigests();
  return verifyDetached(signatures[0]!, { digest: digest! }, keys, { now: new Date() }).then(
    () => true,
    () => false,
  );
}

function isAcceptedBySqv(signed: Uint8Array): boolean {
  writeFileSync(file('other'), signed);
  return spawnSync('sqv', ['--keyring', file('cert'), file('signature'), file('other')]).status === 0;
}

test('verifyDetached() agrees with sqv about what the signing subkey of an sq key signed', async () => {
  for (const [signed, expected] of [
    [data, true],
    [Buffer.from('an imagf'), false],
  ] as const) {
    assert.equal(isAcceptedBySqv(signed), expected);
    assert.equal(await isAccepted(signed), expected);
  }
});
