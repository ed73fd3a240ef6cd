import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReference } from '../../../image/reference.ts';

const context = {
  isFile: (path: string) => path === 'there' || path === 'sub/there:1',
  host: { os: 'linux', arch: 'amd64' },
};
const host = [
  { name: 'os', value: 'linux' },
  { name: 'arch', value: 'amd64' },
];
const hex = 'ab'.repeat(32);

const good: Record<string, unknown> = {
  'sha512-ab': { kind: 'hash', prefix: 'sha512-ab' },
  '/x/y': { kind: 'file', path: '/x/y' },
  there: { kind: 'file', path: 'there' },
  'sub/there:1': { kind: 'file', path: 'sub/there:1' },
  './x': { kind: 'file', path: './x' },
  '../x': { kind: 'file', path: '../x' },
  'hello.aci': { kind: 'file', path: 'hello.aci' },
  'file:///a%20b.aci': { kind: 'file', path: '/a b.aci' },
  'https://h.example/x.aci': { kind: 'url', url: new URL('https://h.example/x.aci') },
  'http://h.example:8080/x.aci?q=1': { kind: 'url', url: new URL('http://h.example:8080/x.aci?q=1') },
  'example.com/app': { kind: 'appc', name: 'example.com/app', labels: host },
  'my-app:v1.0': { kind: 'appc', name: 'my-app', labels: [{ name: 'version', value: 'v1.0' }, ...host] },
  'example.com/app:1,arch=aarch64,channel=beta': {
    kind: 'appc',
    name: 'example.com/app',
    labels: [
      { name: 'version', value: '1' },
      { name: 'channel', value: 'beta' },
      { name: 'os', value: 'linux' },
      { name: 'arch', value: 'aarch64' },
    ],
  },
  'oci:dir': { kind: 'oci', path: 'dir' },
  'oci:/a/dir:docker.io/library/x:1': { kind: 'oci', path: '/a/dir', tag: 'docker.io/library/x:1' },
  'oci-archive:x.tar:v1': { kind: 'oci-archive', path: 'x.tar', tag: 'v1' },
  'docker-archive:x.tar': { kind: 'docker-archive', path: 'x.tar' },
  'docker-archive:x.tar:busybox:1': { kind: 'docker-archive', path: 'x.tar', image: 'busybox:1' },
  'docker-export:rootfs.tar': { kind: 'docker-export', path: 'rootfs.tar' },
  'rootfs:/some/dir': { kind: 'rootfs', path: '/some/dir' },
  'cimd:appc:v=0:example.com/app?version=1&channel=x': {
    kind: 'appc',
    name: 'example.com/app',
    labels: [{ name: 'version', value: '1' }, { name: 'channel', value: 'x' }, ...host],
  },
  'cimd:aci-archive:v=0:https%3A%2F%2Fh.example%2Fx.aci': {
    kind: 'url',
    url: new URL('https://h.example/x.aci'),
  },
  'cimd:docker:v=0:busybox': {
    kind: 'docker',
    registry: 'docker.io',
    repository: 'library/busybox',
    tag: 'latest',
  },
  'docker:busybox': { kind: 'docker', registry: 'docker.io', repository: 'library/busybox', tag: 'latest' },
};

for (const [text, expected] of Object.entries(good))
  test(`parseReference() reads ${text}`, () => assert.deepEqual(parseReference(text, context), expected));

const bad: Record<string, RegExp> = {
  'sha512-a': /image ID too short$/,
  'sha512-': /image ID too short$/,
  'sha512-xyz': /lower-case hex digits$/,
  'https://h.example/x.tar': /invalid image string/,
  'file://host/x.aci': /names no host/,
  'file:///%zz.aci': /cannot be decoded/,
  'file:///%00.aci': /cannot be decoded/,
  'example.com/app,arch=amd64:1': /malformed app string - colon may appear only right after the app name/,
  'example.com/app:1:2': /malformed app string - colon may appear at most once/,
  'example.com/app,os=plan9': /bad os "plan9" \(must be one of: linux, freebsd, darwin\)/,
  'example.com/app,arch=toaster': /bad arch "toaster" for linux \(must be one of: amd64, i386, aarch64/,
  'example.com/app,version=1,version=2': /label "version" is given twice/,
  'example.com/app:1,version=2': /label "version" is given twice/,
  'example.com/app,name=x': /cannot be called "name"/,
  'example.com/app,loose': /misformatted label "loose"/,
  'example.com/app:': /label "version" has no value/,
  'Example.com/App': /expected an AC identifier/,
  '': /expected an AC identifier/,
  'oci:': /it names no path/,
  'oci:dir:': /the name after the colon is empty/,
  'rootfs:': /it names no path/,
  'cimd:appc:v=1:x': /unsupported version 1/,
  'cimd:zip:v=0:x': /unknown distribution type "zip"/,
  'cimd:aci-archive:v=0:oci%3Ax': /no escaped file, http or https URL/,
};

for (const [text, expected] of Object.entries(bad))
  test(`parseReference() refuses ${JSON.stringify(text)}: ${expected.source}`, () =>
    assert.throws(
      () => parseReference(text, context),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ERR_IMAGE_REFERENCE');
        assert.match(error.message, expected);
        return true;
      },
    ));

test('parseReference() keeps control characters of a bad reference out of its message', () => {
  assert.throws(
    () => parseReference('X\u001b[2J\n', context),
    (error: Error) => !/[\u0000-\u001f]/.test(error.message),
  );
});

const docker: Record<string, unknown> = {
  busybox: { registry: 'docker.io', repository: 'library/busybox', tag: 'latest' },
  'busybox:1.36': { registry: 'docker.io', repository: 'library/busybox', tag: '1.36' },
  'me/app': { registry: 'docker.io', repository: 'me/app', tag: 'latest' },
  'index.docker.io/me/app': { registry: 'docker.io', repository: 'me/app', tag: 'latest' },
  'localhost/app': { registry: 'localhost', repository: 'app', tag: 'latest' },
  'localhost:5000/app:1': { registry: 'localhost:5000', repository: 'app', tag: '1' },
  'q.example/a/b/c': { registry: 'q.example', repository: 'a/b/c', tag: 'latest' },
  'Q/app': { registry: 'Q', repository: 'app', tag: 'latest' },
  '[::1]:5000/app': { registry: '[::1]:5000', repository: 'app', tag: 'latest' },
  [`busybox@sha256:${hex}`]: {
    registry: 'docker.io',
    repository: 'library/busybox',
    digest: `sha256:${hex}`,
  },
  [`q.example/a:1@sha256:${hex}`]: {
    registry: 'q.example',
    repository: 'a',
    tag: '1',
    digest: `sha256:${hex}`,
  },
};

for (const [text, expected] of Object.entries(docker))
  test(`parseReference() normalises docker://${text} as Docker does`, () =>
    assert.deepEqual(parseReference(`docker://${text}`, context), {
      kind: 'docker',
      ...(expected as object),
    }));

const badDocker: Record<string, RegExp> = {
  '': /invalid reference format/,
  [hex]: /image ID alone/,
  'a/B': /must be lowercase/,
  'a:b:c': /invalid tag format/,
  'a//b': /invalid reference format/,
  'a@sha256:short': /invalid digest/,
  [`a@sha256:${hex}/../../x`]: /invalid digest/,
  'host.example/../x': /invalid reference format/,
  'ho st.example/x': /not the name of a registry/,
  'user@host.example/x': /invalid digest/,
  [`q.example/${'a'.repeat(250)}`]: /longer than 255/,
  [`a:${'t'.repeat(129)}`]: /invalid tag format/,
};

for (const [text, expected] of Object.entries(badDocker))
  test(`parseReference() refuses docker://${text}`, () =>
    assert.throws(() => parseReference(`docker://${text}`, context), expected));
