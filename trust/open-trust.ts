import { join } from 'node:path';
import type { Trust } from './evaluate.ts';
import type { KeyStore } from './keystore.ts';
import { readPolicy } from './policy/read.ts';

/** The configuration directories of a call. */
export interface TrustDirectories {
  /** The vendor's: `/usr/lib/tsrkt`. */
  readonly systemConfig: string;
  /** The administrator's: `/etc/tsrkt`; an ordinary user's own. */
  readonly localConfig: string;
  /** `--user-config`: contributes policy but, as in rkt, never keys. */
  readonly userConfig?: string | undefined;
}

/** Whom this machine trusts: keys from `trustedkeys`, policy from `policy.d`. A policy that cannot be read is an error. */
export function openTrust({ systemConfig, localConfig, userConfig }: TrustDirectories): Trust {
  const policies = [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])];
  return {
    store: openKeyStore({ systemConfig, localConfig }),
    policy: readPolicy(policies.map((directory) => join(directory, 'policy.d'))),
  };
}

/** The key store alone, for those who look after it: a policy that cannot be read is no obstacle. */
export function openKeyStore({ systemConfig, localConfig }: TrustDirectories): KeyStore {
  return [
    { origin: 'system', directory: join(systemConfig, 'trustedkeys') },
    { origin: 'local', directory: join(localConfig, 'trustedkeys') },
  ];
}
