// bun scripts/hello-aci.ts FILE: an ACI with an HTTP server on port 5000, made of Debian's static busybox and a CGI script.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAci } from '../image/write-aci.ts';

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'aarch64' };

const manifest = {
  acKind: 'ImageManifest',
  acVersion: '0.8.11',
  name: 'example.com/hello',
  labels: [
    { name: 'version', value: '1.0.0' },
    { name: 'os', value: 'linux' },
    { name: 'arch', value: architectures[process.arch] },
  ],
  app: {
    exec: ['/bin/busybox', 'httpd', '-f', '-vv', '-p', '5000', '-h', '/www'],
    user: '65534',
    group: '65534',
    ports: [{ name: 'http', protocol: 'tcp', port: 5000 }],
  },
};

/** busybox's httpd runs this for `/`, since there is no index.html. */
const script = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "hello from $(/bin/busybox hostname)"
`;

const directory = mkdtempSync(join(tmpdir(), 'tsrkt-hello-aci-'));
try {
  makeRootfs(directory);
  const { id } = await writeAci({
    manifest: Buffer.from(JSON.stringify(manifest)),
    rootfs: directory,
    out: process.argv[2] ?? 'hello.aci',
    compression: 'gzip',
  });
  console.error(`made hello.aci, ${id.slice(0, 19)}`);
} finally {
  rmSync(directory, { recursive: true });
}

function makeRootfs(root: string): void {
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'www/cgi-bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  symlinkSync('busybox', join(root, 'bin/sh'));
  writeFileSync(join(root, 'www/cgi-bin/index.cgi'), script, { mode: 0o755 });
  for (const path of ['', 'bin', 'www', 'www/cgi-bin', 'bin/busybox']) chmodSync(join(root, path), 0o755);
}
