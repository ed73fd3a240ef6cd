import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serveFile } from '../registry/serve-file.ts';
import { type Handler, startServer } from '../registry/server.ts';
import { labels, type TrustPlace, trustPlace } from './trust-place.ts';
import { DISCOVERY, publish, trustSite } from './trust-site.ts';

/** An image named example.com/box, signed by the publisher, whom this machine trusts. */
async function signedBox(place: TrustPlace, version = '1.0.0'): Promise<string> {
  const image = await place.image(`box-${version}.aci`, { labels: labels(version) });
  place.sign(image);
  await place.trust('example.com/box');
  return image;
}

const redirect =
  (location: string, status = 302): Handler =>
  (_, response) =>
    response.writeHead(status, { location }).end();

test('an image is fetched by its name: discovery, signature, then the image; after that from the store', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  publish(site.pages, 'box', await signedBox(place));
  const fetched = await place.tsrkt(['fetch', 'example.com/box'], site.env);
  assert.equal(fetched.status, 0, fetched.stderr);
  assert.match(
    fetched.stderr,
    /^fetch: keys already exist for prefix "example\.com\/box", not fetching again\n$/,
  );
  assert.deepEqual(
    site.seen.map(({ url }) => url),
    ['/box?ac-discovery=1', '/images/example.com/box-latest.aci.asc', '/images/example.com/box-latest.aci'],
  );
  const again = await place.tsrkt(['fetch', '--pull-policy=new', 'example.com/box'], site.env);
  assert.deepEqual([again.stdout, site.seen.length], [fetched.stdout, 3]);
});

test('an image signed by a stranger is not downloaded at all', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const image = await signedBox(place);
  place.sign(image, place.gpg.key('Stranger <stranger@example.com>'));
  publish(site.pages, 'box', image);
  for (const reference of ['example.com/box', 'https://example.com/images/example.com/box-latest.aci']) {
    const { status, stderr } = await place.tsrkt(['fetch', reference], site.env);
    assert.equal(status, 254);
    assert.match(
      stderr,
      new RegExp(`fetch: trust ${reference}: signature by key \\w+: no such key is trusted\nhint: .*\n$`),
    );
  }
  assert.equal(
    site.seen.some(({ url }) => url.endsWith('.aci')),
    false,
  );
});

test('an image without a signature on its server is not downloaded at all', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  publish(site.pages, 'box', await signedBox(place));
  delete site.pages['/images/example.com/box-latest.aci.asc'];
  const { stderr } = await place.tsrkt(
    ['fetch', 'https://example.com/images/example.com/box-latest.aci'],
    site.env,
  );
  assert.match(stderr, /^fetch: trust https:.*: it has no signature\nhint: /);
  assert.equal(site.seen.length, 1);
});

test('a signature may be deferred once (202), and is then asked for after the image', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const image = await signedBox(place);
  publish(site.pages, 'box', image);
  let asked = 0;
  const url = 'https://example.com/images/example.com/box-latest.aci';
  site.pages['/images/example.com/box-latest.aci.asc'] = (_, response) => {
    if (asked++ === 0) response.writeHead(202).end();
    else response.end(readFileSync(`${image}.asc`));
  };
  const once = await place.tsrkt(['fetch', url], site.env);
  assert.deepEqual(
    [once.status, once.stderr],
    [0, 'fetch: server requested deferring the signature download\n'],
  );
  assert.deepEqual(
    site.seen.map(({ url }) => url.split('.').at(-1)),
    ['asc', 'aci', 'asc'],
  );
  site.pages['/images/example.com/box-latest.aci.asc'] = (_, response) => response.writeHead(202).end();
  const twice = await place.tsrkt(['fetch', url], site.env);
  assert.match(twice.stderr, /: server asked to defer the download again\n$/);
});

test('an image whose manifest is of another name is refused, also with signatures off (manifest name differs)', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const other = await place.image('other.aci', { name: 'example.com/other' });
  place.sign(other);
  await place.trust('example.com');
  publish(site.pages, 'box', other);
  for (const flags of [[], ['--insecure-options=image']]) {
    const { status, stderr } = await place.tsrkt([...flags, 'fetch', 'example.com/box'], site.env);
    assert.equal(status, 254);
    assert.match(stderr, /fetch: image "example\.com\/box": its manifest is of "example\.com\/other"\n$/);
  }
  assert.equal((await place.tsrkt(['image', 'list', '--no-legend'])).stdout.trim(), '');
});

test('an image with another version than the one asked for is refused, also with signatures off', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  publish(site.pages, 'box', await signedBox(place), '2.0.0');
  for (const flags of [[], ['--insecure-options=image']])
    assert.match(
      (await place.tsrkt([...flags, 'fetch', 'example.com/box:2.0.0'], site.env)).stderr,
      /fetch: image "example\.com\/box": requested value for label "version": "2\.0\.0" differs from its manifest's: "1\.0\.0"\n$/,
    );
});

test('a redirect from https to http is not followed, for the image or its signature (redirect to http)', async () => {
  using place = await trustPlace();
  const image = await signedBox(place);
  await using plain = await startServer((request, response) =>
    response.end(readFileSync(request.url?.endsWith('.asc') ? `${image}.asc` : image)),
  );
  await using site = await trustSite();
  publish(site.pages, 'box', image);
  for (const name of ['box-latest.aci', 'box-latest.aci.asc']) {
    const path = `/images/example.com/${name}`;
    const page = site.pages[path]!;
    site.pages[path] = redirect(`${plain.origin}/${name}`);
    const { status, stderr } = await place.tsrkt(['fetch', 'example.com/box'], site.env);
    assert.equal(status, 254);
    assert.match(
      stderr,
      /follow redirect from https:\/\/example\.com\/images\/.*: it leads from https to http:/,
    );
    site.pages[path] = page;
  }
  assert.equal(plain.seen.length, 0);
});

test('endpoints are tried in turn', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  publish(site.pages, 'box', await signedBox(place));
  site.pages['/box'] =
    `<meta name="ac-discovery" content="example.com https://example.com/gone/{name}.{ext}">${DISCOVERY}`;
  const { status, stderr } = await place.tsrkt(['fetch', 'example.com/box'], site.env);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^fetch: trust example\.com\/box: it has no signature$/m);
});

test('--pull-policy=update asks whether the image changed, and judges what has not by its signature of today', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const image = await signedBox(place);
  publish(site.pages, 'box', image);
  const path = '/images/example.com/box-latest.aci';
  const answers: number[] = [];
  site.pages[path] = (request, response) => {
    response.on('finish', () => answers.push(response.statusCode));
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else serveFile(request, response, { content: readFileSync(image), etag: '"1"' });
  };
  const url = `https://example.com${path}`;
  const first = await place.tsrkt(['fetch', url], site.env);
  const second = await place.tsrkt(['fetch', url], site.env);
  assert.deepEqual([first.stdout, second.stderr], [second.stdout, '']);
  assert.deepEqual(answers, [200, 304]);
  await place.tsrkt(['fetch', '--pull-policy=never', url], site.env);
  assert.equal(answers.length, 2);
  const stranger = place.gpg.key('Stranger <stranger@example.com>');
  place.sign(image, stranger);
  site.pages[`${path}.asc`] = readFileSync(`${image}.asc`);
  assert.match((await place.tsrkt(['fetch', url], site.env)).stderr, /no such key is trusted/);
});

test('what a server says is fresh is not asked for again', async () => {
  using place = await trustPlace();
  await using site = await trustSite();
  const image = await signedBox(place);
  publish(site.pages, 'box', image);
  const path = '/images/example.com/box-latest.aci';
  site.pages[path] = (_, response) => {
    response.writeHead(200, { 'cache-control': 'max-age=3600' }).end(readFileSync(image));
  };
  await place.tsrkt(['fetch', `https://example.com${path}`], site.env);
  const { stderr } = await place.tsrkt(['--debug', 'fetch', `https://example.com${path}`], site.env);
  assert.match(stderr, /^fetch: image for https:.* isn't expired, not fetching\.\n$/);
  assert.equal(site.seen.length, 2);
});
