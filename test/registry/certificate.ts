import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate extends Disposable {
  /** The files, for programs that want paths: the certificate is its own authority. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate for localhost, 127.0.0.1 and these names, made with openssl, in a directory of its own. */
export function makeCertificate(...hosts: readonly string[]): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-certificate-'));
  const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const alternatives = ['DNS:localhost', 'IP:127.0.0.1', ...hosts.map((host) => `DNS:${host}`)];
  const names = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${alternatives.join(',')}`];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...names], {
    stdio: 'ignore',
  });
  return {
    certFile,
    keyFile,
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
