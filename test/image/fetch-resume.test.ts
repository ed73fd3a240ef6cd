import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobFile, partialDirectory } from '../../image/store/layout.ts';
import { type AciSite, aciSite } from './aci-site.ts';

const PART = 1 << 20;
const timeout = { timeout: 60_000 };

const ranges = (site: AciSite) => site.asked().map(({ headers }) => headers.range);
const partial = (site: AciSite) =>
  join(partialDirectory(site.place.store), site.partials()[0] ?? assert.fail('no partial file'));

async function fetchesWhole(site: AciSite): Promise<void> {
  const { record, decision } = await site.fetch();
  assert.equal(decision.mode, 'verified');
  assert.deepEqual(readFileSync(blobFile(site.place.store, record.blob)), site.served.content);
  assert.deepEqual(site.partials(), []);
}

test(
  'a fetch goes on where one that was killed (SIGKILL) ended: the server gives the rest, and nothing twice',
  timeout,
  async () => {
    await using site = await aciSite();
    await site.killAt(PART);
    assert.equal(site.partials().length, 2);
    await fetchesWhole(site);
    const [asked, ...more] = site.asked();
    assert.deepEqual([asked?.headers.range, asked?.headers['if-range']], [`bytes=${PART}-`, '"1"']);
    assert.deepEqual(more, []);
  },
);

test('a fetch goes on where the connection broke in an earlier one', timeout, async () => {
  await using site = await aciSite();
  const { content } = site.served;
  site.served = { ...site.served, breakAfter: 100_000 };
  await assert.rejects(site.fetch());
  const taken = site.asked().length * 100_000;
  site.served = { content, etag: '"1"' };
  await fetchesWhole(site);
  assert.deepEqual(ranges(site), [`bytes=${taken}-`]);
});

test('a fetch starts again when the file changed meanwhile', timeout, async () => {
  await using site = await aciSite();
  await site.killAt(PART);
  await site.change();
  await fetchesWhole(site);
  assert.deepEqual(ranges(site), [`bytes=${PART}-`]);
});

test('a fetch starts again where the server knows no ranges', timeout, async () => {
  await using site = await aciSite();
  await site.killAt(PART);
  site.served = { ...site.served, ranges: false };
  await fetchesWhole(site);
});

test(
  'a fetch puts nothing together where a server that ignores If-Range has another file',
  timeout,
  async () => {
    await using site = await aciSite();
    await site.killAt(PART);
    await site.change();
    site.served = { ...site.served, ignoresIfRange: true };
    await fetchesWhole(site);
    assert.deepEqual(ranges(site), [`bytes=${PART}-`, undefined]);
  },
);

test(
  'what came earlier and was changed on the disk is refused and removed; the next fetch is a whole one',
  timeout,
  async () => {
    await using site = await aciSite();
    await site.killAt(PART);
    const bytes = readFileSync(partial(site));
    bytes.write('other', 1000);
    writeFileSync(partial(site), bytes);
    await assert.rejects(site.fetch(), { code: 'ERR_SIGNATURE_MISMATCH' });
    assert.deepEqual(site.partials(), []);
    site.asked();
    await fetchesWhole(site);
    assert.deepEqual(ranges(site), [undefined]);
  },
);

test('a fetch whose last byte came before it was killed asks for one byte', timeout, async () => {
  await using site = await aciSite();
  const { length } = site.served.content;
  await site.killAt(PART);
  writeFileSync(partial(site), site.served.content);
  await fetchesWhole(site);
  assert.deepEqual(ranges(site), [`bytes=${length - 1}-`]);
});

test('a fetch that the server refuses leaves no empty file', timeout, async () => {
  await using site = await aciSite();
  await assert.rejects(site.fetch({ insecureImage: true }, site.url.replace('a.aci', 'none.aci')), {
    code: 'ERR_HTTP_STATUS',
  });
  assert.deepEqual(site.partials(), []);
});

const spoils: Record<string, (path: string, outside: string) => void> = {
  'a link': (path, outside) => symlinkSync(outside, path),
  'a dangling link': (path) => symlinkSync('/nowhere/at/all', path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
};

for (const [what, make] of Object.entries(spoils))
  test(
    `a fetch follows no link and waits for nobody where ${what} takes the place of what came earlier`,
    timeout,
    async () => {
      await using site = await aciSite();
      await site.killAt(PART);
      const outside = join(site.place.path, 'outside');
      const path = partial(site);
      renameSync(path, outside);
      make(path, outside);
      await fetchesWhole(site);
      assert.deepEqual(readFileSync(outside), site.served.content.subarray(0, PART));
      assert.equal(existsSync('/nowhere/at/all'), false);
    },
  );

test('a fetch goes on with a file that lost its end', timeout, async () => {
  await using site = await aciSite();
  await site.killAt(PART);
  truncateSync(partial(site), 1000);
  await fetchesWhole(site);
  assert.deepEqual(ranges(site), ['bytes=1000-']);
});

test(
  'of processes that fetch one URL one asks for it; the others wait, say so once, and take what came',
  timeout,
  async () => {
    await using site = await aciSite();
    site.stopAfter = PART;
    const holder = site.startChild();
    const ended = once(holder, 'exit');
    while (site.partials().length < 2) await sleep(10);
    const waiters = [site.startChild(), site.startChild()];
    await Promise.all(waiters.map(({ stdout }) => once(stdout ?? assert.fail('no stdout'), 'readable')));
    assert.equal(site.asked().length, 1);
    site.stopAfter = undefined;
    holder.kill('SIGKILL');
    await ended;
    const [first = [], second = []] = await Promise.all(waiters.map(outputOf));
    const notice = `another tsrkt is downloading ${site.url}, waiting`;
    assert.deepEqual([first[0], second[0], first.length, second.length], [notice, notice, 2, 2]);
    assert.equal(first[1], second[1]);
    assert.deepEqual(
      site.asked().map(({ headers }) => headers['if-range']),
      ['"1"'],
    );
  },
);

test('who waited for a fetch that asked for no signatures asks for them', timeout, async () => {
  await using site = await aciSite();
  const both = await Promise.all([site.fetch({ insecureImage: true }), site.fetch()]);
  assert.deepEqual(
    both.map(({ decision }) => decision.mode),
    ['unverified', 'verified'],
  );
  const told = site.place.told.filter((text) => text.startsWith('another'));
  assert.deepEqual(told, [`another tsrkt is downloading ${site.url}, waiting`]);
});

/** The lines a process printed. */
async function outputOf(child: ReturnType<AciSite['startChild']>): Promise<string[]> {
  let output = '';
  for await (const chunk of child.stdout ?? []) output += chunk;
  return output.trim().split('\n');
}

test('what can be gone on with is kept without the secrets of its URL', timeout, async () => {
  await using site = await aciSite();
  const secret = `${site.url.replace('//', '//me:secret@')}?token=secret`;
  site.served = { ...site.served, breakAfter: 100_000 };
  await assert.rejects(site.fetch({}, secret), (error: Error) => !error.message.includes('secret'));
  assert.equal(site.partials().length, 2);
  const { store } = site.place;
  const found = execFileSync('sh', ['-c', `grep -rl secret ${store.path} || true`], { encoding: 'utf8' });
  assert.equal(found, '');
  rmSync(partial(site));
});
