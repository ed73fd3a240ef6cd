import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TrustPlace, trustPlace } from './trust-place.ts';

test('image verify finds a changed tree, a changed file and a changed manifest', async () => {
  using place = await trustPlace();
  const { stdout } = await place.tsrkt([
    '--insecure-options=image',
    'fetch',
    '--full',
    await place.image('box.aci'),
  ]);
  const verify = () => place.tsrkt(['image', 'verify', 'example.com/box']);
  const verified = `successfully verified checksum for image: "example.com/box" ("${stdout.trim()}")\n`;
  assert.deepEqual(await verify(), { status: 0, stdout: verified, stderr: '' });
  const image = findImage(place);
  writeFileSync(join(image.tree, 'rootfs/etc/passwd'), 'root::0:0::/:/bin/sh\n');
  assert.deepEqual(await verify(), {
    status: 0,
    stdout: verified,
    stderr: 'verify: tree cache verification failed for image "example.com/box"; rebuilding...\n',
  });
  assert.match(readFileSync(join(image.tree, 'rootfs/etc/passwd'), 'utf8'), /^web:/m);
  writeFileSync(
    join(image.directory, 'manifest'),
    readFileSync(join(image.directory, 'manifest'), 'utf8').replace('"0"', '"1"'),
  );
  assert.match((await verify()).stderr, /the manifest beside it is not the one in it\nhint: fetch it again/);
  const blob = readFileSync(image.blob);
  blob[blob.length - 1] = 1;
  writeFileSync(image.blob, blob);
  assert.match(
    (await verify()).stderr,
    /^verify: verify image sha512-\w{12}: its file has the digest sha512:/,
  );
});

/** The files of the only image of the store. */
function findImage({ path }: TrustPlace) {
  const cas = join(path, 'data/cas');
  const only = (directory: string) => join(directory, String(readdirSync(directory)[0]));
  return {
    directory: only(join(cas, 'image')),
    tree: only(join(cas, 'tree')),
    blob: only(only(join(cas, 'blob/sha512'))),
  };
}
