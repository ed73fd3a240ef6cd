import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDigest } from '../../../schema/digest.ts';
import type { Case, Trust } from '../../../trust/evaluate.ts';
import { openpgpEvidence } from '../../../trust/evidence.ts';
import { addOpenpgpKey } from '../../../trust/keystore/write.ts';
import type { KeyStore } from '../../../trust/keystore.ts';
import { blobHasher } from '../../../trust/openpgp/blob-hasher.ts';
import { parseKeys } from '../../../trust/openpgp/key.ts';
import { parseSignatures } from '../../../trust/openpgp/signature.ts';
import { readPolicy } from '../../../trust/policy/read.ts';
import { type GpgHome, gpgHome } from './gpg.ts';

/** A gpg home with a key store and a policy directory beside it. */
export interface TrustHome extends GpgHome {
  readonly store: KeyStore;
  /** Trusts nobody any more, and forgets the policy. */
  clear(): void;
  /** The trust of today, under this policy file if given. */
  trust(policy?: unknown): Trust;
  /** Trusts a key of the home for a prefix; answers the file in the key store. */
  trustKey(fingerprint: string, prefix?: string): Promise<string>;
  /** An ACI of this name, signed in June 2020 by these keys. */
  aci(name: string, signers: readonly string[], firstSeen?: Date): Promise<Case>;
}

export const now = new Date('2026-01-01T00:00:00Z');

export function trustHome(): TrustHome {
  const home = gpgHome();
  const etc = join(home.directory, 'etc');
  const policies = join(etc, 'policy.d');
  const store: KeyStore = [{ origin: 'local', directory: join(etc, 'trustedkeys') }];
  return {
    ...home,
    store,
    clear() {
      rmSync(etc, { recursive: true, force: true });
      mkdirSync(policies, { recursive: true });
    },
    trust(policy) {
      if (policy !== undefined) writeFileSync(join(policies, '10.json'), JSON.stringify(policy));
      return { store, policy: readPolicy([policies]) };
    },
    async trustKey(fingerprint, prefix = 'example.com') {
      const [key] = await parseKeys(home.export(fingerprint), 'key');
      return addOpenpgpKey(store, prefix, key!);
    },
    async aci(name, signers, firstSeen = now) {
      const blob = Buffer.from('an ACI as it was served');
      const files = signers.map((signer) => home.sign(signer, blob, { date: '20200601T000000' }));
      const signatures =
        files.length === 0 ? [] : await parseSignatures(Buffer.concat(files), 'image.aci.asc');
      const hasher = blobHasher(['sha512'], signatures);
      hasher.update(blob);
      const digests = [makeDigest('sha512', hasher.digest('sha512').toString('hex'))];
      const evidence = openpgpEvidence(signatures, hasher, firstSeen);
      return { request: `${name}:1.0`, kind: 'aci', subject: { name, digests }, evidence };
    },
  };
}
