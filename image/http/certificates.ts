import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { hasCode } from '../../linux/system-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where distributions keep their bundle of authorities: Debian, Fedora, openSUSE, Alpine. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Per-host certificates as Docker and podman keep them: `HOST[:PORT]/*.crt` are authorities, `*.cert` + `*.key` are ours. */
const HOST_DIRECTORIES = ['/etc/containers/certs.d', '/etc/docker/certs.d'];

export interface HostCertificates {
  readonly ca: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/**
 * The authorities trusted for a host: `SSL_CERT_FILE`, else the system's bundle, else the runtime's own list; then
 * `NODE_EXTRA_CA_CERTS` and the host's directory in `certs.d` are added. A file that is named but unreadable is an error.
 */
export function hostCertificates(host: string, env: Environment): HostCertificates {
  const files = HOST_DIRECTORIES.flatMap((directory) => [...hostFiles(join(directory, host))]);
  const texts = (suffix: string) => files.flatMap(([name, text]) => (name.endsWith(suffix) ? [text] : []));
  const extra = env['NODE_EXTRA_CA_CERTS'] ? [readFileSync(env['NODE_EXTRA_CA_CERTS'], 'utf8')] : [];
  const ca = [...systemAuthorities(env), ...extra, ...texts('.crt')];
  const [cert] = texts('.cert');
  const [key] = texts('.key');
  return cert !== undefined && key !== undefined ? { ca, cert, key } : { ca };
}

function systemAuthorities(env: Environment): readonly string[] {
  if (env['SSL_CERT_FILE']) return [readFileSync(env['SSL_CERT_FILE'], 'utf8')];
  for (const bundle of BUNDLES) {
    const text = readIfThere(bundle);
    if (text !== undefined) return [text];
  }
  return rootCertificates;
}

function* hostFiles(directory: string): Generator<[string, string]> {
  for (const name of namesIn(directory)) {
    const text = /\.(crt|cert|key)$/.test(name) ? readIfThere(join(directory, name)) : undefined;
    if (text !== undefined) yield [name, text];
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
