// Verifying a 500 MB ACI and hashing it for its digest, against gpgv, which verifies alone. Ratios, for every machine is another.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bunPath } from '../../scripts/bun.mjs';
import { addOpenpgpKey } from '../../trust/keystore/write.ts';
import { parseKeys } from '../../trust/openpgp/key.ts';
import { type GpgHome, gpgHome } from '../unit/trust/gpg.ts';
import { makeImage } from './image.ts';
import { median, race } from './race.ts';
import { runSilently } from './run-silently.ts';

const MEGABYTES = 500;
const rounds = Number(process.argv[2] ?? 5);
const directory = mkdtempSync(join(tmpdir(), 'tsrkt-bench-'));
const gpg = gpgHome();
try {
  await main();
} finally {
  gpg[Symbol.dispose]();
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const aci = join(directory, 'large.aci');
  await makeImage(largeRootfs(), aci);
  const key = gpg.key('Bench <bench@example.com>', { algorithm: 'rsa3072' });
  const keyStore = await trustKey(gpg, key);
  const keyring = gpg.file('ring.gpg', gpg.gpg(['--export', key]));
  console.log(`a signed ACI of ${MEGABYTES} MB, median of ${rounds} interleaved rounds`);
  for (const digest of ['SHA512', 'SHA256']) {
    gpg.gpg([
      '--local-user',
      key,
      '--digest-algo',
      digest,
      '--armor',
      '--output',
      `${aci}.asc`,
      '--detach-sign',
      aci,
    ]);
    compare(digest, aci, { keyring, keyStore });
  }
}

interface Keys {
  readonly keyring: string;
  readonly keyStore: string;
}

function compare(digest: string, aci: string, { keyring, keyStore }: Keys): void {
  const own = [bunPath(), join(import.meta.dirname, 'verify-file.ts'), aci, keyStore, 'example.com/bench'];
  const [tsrkt, gpgv] = race(
    [
      { name: 'tsrkt', command: () => own },
      { name: 'gpgv', command: () => ['gpgv', '--keyring', keyring, `${aci}.asc`, aci] },
    ],
    rounds,
    () => {},
  ).map(({ times, reason }) => (reason === undefined ? median(times) : fail(reason)));
  const ratio = (Number(gpgv) / Number(tsrkt)).toFixed(2);
  const memory = runSilently(own).stdout.trim();
  console.log(`signature over ${digest}: ${ratio} × as fast as gpgv, ${memory} MiB of memory at most`);
}

function largeRootfs(): string {
  const rootfs = join(directory, 'rootfs');
  mkdirSync(rootfs);
  const megabyte = crypto.getRandomValues(Buffer.alloc(65_536)).toString('latin1').repeat(16);
  for (let n = 0; n < MEGABYTES; n += 50)
    writeFileSync(join(rootfs, `file-${n}`), megabyte.repeat(50), 'latin1');
  return rootfs;
}

async function trustKey({ export: exported }: GpgHome, fingerprint: string): Promise<string> {
  const keyStore = join(directory, 'trustedkeys');
  const [key] = await parseKeys(exported(fingerprint), 'key');
  if (key === undefined) return fail('gpg exported no key');
  await addOpenpgpKey([{ origin: 'local', directory: keyStore }], 'example.com', key);
  return keyStore;
}

function fail(reason: string): never {
  throw new Error(reason);
}
