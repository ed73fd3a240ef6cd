import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { entry } from '../tar-blocks.ts';
import { walkTree } from '../tree-walk.ts';
import { extract, layer, makePlace, type Place, user } from './extract-place.ts';

// Escape attempts (CVE-2021-29136, CVE-2026-23745 and their kind). Each archive tries to write `pwned` outside of the root.
const escapes: Readonly<Record<string, (place: Place) => Buffer[]>> = {
  'a symlink to an absolute directory, then a file through it': ({ outside }) => [
    entry({ name: 'out', type: '2', linkname: outside }),
    entry({ name: 'out/pwned' }, 'x'),
  ],
  'a symlink upwards, then a file through it': () => [
    entry({ name: 'up', type: '2', linkname: '../outside' }),
    entry({ name: 'up/pwned' }, 'x'),
  ],
  'a chain of symlinks': () => [
    entry({ name: 'a', type: '2', linkname: '..' }),
    entry({ name: 'b', type: '2', linkname: 'a/../outside' }),
    entry({ name: 'b/pwned' }, 'x'),
  ],
  'a symlink as the last component of a file': ({ outside }) => [
    entry({ name: 'f', type: '2', linkname: join(outside, 'pwned') }),
    entry({ name: 'f' }, 'x'),
  ],
  'a hard link through a symlink': ({ outside }) => [
    entry({ name: 'out', type: '2', linkname: outside }),
    entry({ name: 'h', type: '1', linkname: 'out/secret' }),
    entry({ name: 'h' }, 'x'),
  ],
  'a hard link to a symlink': ({ outside }) => [
    entry({ name: 's', type: '2', linkname: join(outside, 'secret') }),
    entry({ name: 'h', type: '1', linkname: 's' }),
  ],
  'a directory over a symlink to a directory': ({ outside }) => [
    entry({ name: 'out', type: '2', linkname: outside }),
    entry({ name: 'out', type: '5', mode: 0o777 }),
    entry({ name: 'out/pwned' }, 'x'),
  ],
  'a magic link of /proc': () => [
    entry({ name: 'p', type: '2', linkname: '/proc/self/root' }),
    entry({ name: 'p/pwned' }, 'x'),
  ],
  'a dangling symlink that a missing parent would follow': ({ outside }) => [
    entry({ name: 'd', type: '2', linkname: join(outside, 'new') }),
    entry({ name: 'd/pwned' }, 'x'),
  ],
};

for (const [what, make] of Object.entries(escapes))
  for (const options of [user, layer])
    test(`beginExtraction() lets nothing out by ${what} (${options.duplicates})`, async () => {
      using place = makePlace();
      const before = await walkTree(place.outside);
      try {
        await extract(place.root, ...make(place), options);
      } catch (error) {
        assert.ok(typeof (error as NodeJS.ErrnoException).code === 'string', String(error));
      }
      assert.deepEqual(await walkTree(place.outside), before);
      assert.equal(readFileSync(join(place.outside, 'secret'), 'utf8'), 'secret');
    });
