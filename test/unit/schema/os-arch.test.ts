import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appcArchitecture, ociArchitecture } from '../../../schema/os-arch.ts';

test('appcArchitecture() and ociArchitecture() are inverse where both have a name', () => {
  for (const appc of ['amd64', 'i386', 'aarch64', 'armv6l', 'armv7l', 'ppc64', 'ppc64le', 's390x']) {
    const oci = ociArchitecture(appc);
    assert.equal(appcArchitecture(oci?.architecture ?? '', oci?.variant), appc);
  }
});

test('architectures the other side has no name for are undefined', () => {
  for (const appc of ['aarch64_be', 'armv7b', 'toString']) assert.equal(ociArchitecture(appc), undefined);
  for (const oci of ['riscv64', 'x86_64', '']) assert.equal(appcArchitecture(oci), undefined);
});

test('appcArchitecture() reads arm without a variant as v6, arm64 with any as aarch64', () => {
  assert.equal(appcArchitecture('arm'), 'armv6l');
  assert.equal(appcArchitecture('arm64', 'v8'), 'aarch64');
  assert.equal(appcArchitecture('amd64', 'v3'), 'amd64');
});
