import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Key pairs and signatures made by openssl. */
export interface OpensslHome extends Disposable {
  /** Makes a key pair (`ed25519`, `rsa:2048`, `ec:P-256` …); answers the private key's file. */
  keyPair(algorithm: string): string;
  publicKey(keyFile: string): Buffer;
  /** Signs with the hash given; Ed25519 takes none. */
  sign(keyFile: string, data: Uint8Array, hash?: string): Buffer;
}

export function opensslHome(): OpensslHome {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-openssl-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let count = 0;
  const temporary = () => join(directory, String(count++));
  return {
    keyPair(algorithm) {
      const [type = '', parameter = ''] = algorithm.split(':');
      const options: Readonly<Record<string, readonly string[]>> = {
        ed25519: ['-algorithm', 'ed25519'],
        rsa: ['-algorithm', 'rsa', '-pkeyopt', `rsa_keygen_bits:${parameter}`],
        ec: ['-algorithm', 'ec', '-pkeyopt', `ec_paramgen_curve:${parameter}`],
      };
      const file = temporary();
      openssl('genpkey', ...(options[type] ?? []), '-out', file);
      return file;
    },
    publicKey: (keyFile) => openssl('pkey', '-in', keyFile, '-pubout'),
    sign(keyFile, data, hash) {
      const [input, output] = [temporary(), temporary()];
      writeFileSync(input, data);
      if (hash === undefined)
        openssl('pkeyutl', '-sign', '-rawin', '-inkey', keyFile, '-in', input, '-out', output);
      else openssl('dgst', `-${hash}`, '-sign', keyFile, '-out', output, input);
      return readFileSync(output);
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
