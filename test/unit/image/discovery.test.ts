import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DiscoverySite,
  discoverEndpoints,
  discoverPublicKeys,
  discoveryUrls,
} from '../../../image/discovery.ts';
import type { HttpRequest } from '../../../image/http.ts';
import { parseAcIdentifier } from '../../../schema/ac-identifier.ts';

const label = (name: string, value: string) => ({ name: parseAcIdentifier(name), value });
const wanted = {
  name: 'example.com/team/app',
  labels: [label('version', '1.0'), label('os', 'linux'), label('arch', 'amd64')],
};

interface Site extends DiscoverySite {
  readonly asked: HttpRequest[];
}

/** A site that answers these URLs (without their query) with these documents. */
function site(documents: Record<string, string>, allowHttp = false): Site {
  const asked: HttpRequest[] = [];
  const request = async (sent: HttpRequest) => {
    asked.push(sent);
    const document = documents[sent.url.href.replace('?ac-discovery=1', '')];
    if (document === 'broken') throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    const body = (async function* () {
      yield Buffer.from(document ?? '');
    })();
    const status = document === undefined ? 404 : 200;
    return { status, headers: new Headers(), url: sent.url, body, discard: async () => undefined };
  };
  return {
    asked,
    http: { allowHttp, request, [Symbol.dispose]: () => undefined },
    authorize: () => ({ authorization: 'Basic secret' }),
  };
}

const meta = (content: string, name = 'ac-discovery') => `<meta name="${name}" content="${content}">`;
const images = async (from: Site) => (await discoverEndpoints(from, wanted)).map(({ image }) => image.href);

test('discoveryUrls() walks up from the name to its host, and tries http only with leave', () => {
  const hrefs = (allowHttp: boolean) => discoveryUrls('a.example/b/c', allowHttp).map((url) => url.href);
  assert.deepEqual(hrefs(false), [
    'https://a.example/b/c?ac-discovery=1',
    'https://a.example/b?ac-discovery=1',
    'https://a.example/?ac-discovery=1',
  ]);
  assert.deepEqual(hrefs(true).slice(0, 2), [
    'https://a.example/b/c?ac-discovery=1',
    'http://a.example/b/c?ac-discovery=1',
  ]);
});

test('discoverEndpoints() gives every endpoint of the first step that has one, in order', async () => {
  const from = site({
    'https://example.com/team/app': 'broken',
    'https://example.com/team': `${meta('example.com https://s1.example/{name}-{version}-{os}-{arch}.{ext}')}${meta('example.com/team/ https://s2.example/{version}.{ext}')}`,
    'https://example.com/': meta('example.com https://never.example/{version}.{ext}'),
  });
  assert.deepEqual(
    (await discoverEndpoints(from, wanted)).map(({ image, signature }) => [image.href, signature.href]),
    [
      [
        'https://s1.example/example.com/team/app-1.0-linux-amd64.aci',
        'https://s1.example/example.com/team/app-1.0-linux-amd64.aci.asc',
      ],
      ['https://s2.example/1.0.aci', 'https://s2.example/1.0.aci.asc'],
    ],
  );
});

test('discoverEndpoints() asks for version "latest" when none is wanted', async () => {
  const from = site({ 'https://example.com/': meta('example.com https://s.example/{version}.{ext}') });
  const [endpoint] = await discoverEndpoints(from, { name: 'example.com', labels: [] });
  assert.equal(endpoint?.image.href, 'https://s.example/latest.aci');
});

const useless: Record<string, string> = {
  'another prefix': meta('example.org https://s.example/x.{ext}'),
  'an unresolved variable': meta('example.com https://s.example/{channel}.{ext}'),
  'a template that is no URL': meta('example.com s.example/x.{ext}'),
  'an http template': meta('example.com http://s.example/x.{ext}'),
  'a file template': meta('example.com file:///x.{ext}'),
  'too many words': meta('example.com https://s.example/x.{ext} more'),
  'one word': meta('example.com'),
  'a tag inside a comment': `<!-- ${meta('example.com https://s.example/x.{ext}')} -->`,
};

for (const [what, document] of Object.entries(useless))
  test(`discoverEndpoints() goes on to the next step past ${what}`, async () => {
    const good = meta('example.com https://good.example/x.{ext}');
    const from = site({ 'https://example.com/team/app': document, 'https://example.com/': good });
    assert.deepEqual(await images(from), ['https://good.example/x.aci']);
  });

test('discoverEndpoints() says what it tried when nothing was found', async () => {
  const from = site({ 'https://example.com/team': 'broken' });
  await assert.rejects(images(from), (error: Error & { code?: string; hint?: string }) => {
    assert.equal(error.code, 'ERR_DISCOVERY');
    assert.match(error.hint ?? '', /team\/app: bad HTTP status code: 404; .*team: connection refused; /);
    return true;
  });
});

test('discoverEndpoints() sends credentials over https and never over http', async () => {
  const from = site({ 'http://example.com/': meta('example.com http://s.example/x.{ext}') }, true);
  assert.deepEqual(await images(from), ['http://s.example/x.aci']);
  for (const { url, authorization } of from.asked)
    assert.equal(authorization, url.protocol === 'https:' ? 'Basic secret' : undefined);
});

test('discoverEndpoints() lets a label fill one path segment and no more', async () => {
  const from = site({ 'https://example.com/': meta('example.com https://s.example/a/{version}.{ext}') });
  const [endpoint] = await discoverEndpoints(from, {
    name: 'example.com',
    labels: [label('version', '../../x?y#z')],
  });
  assert.equal(endpoint?.image.href, 'https://s.example/a/..%2F..%2Fx%3Fy%23z.aci');
});

test('discoverPublicKeys() takes keys whose prefix matches whole path components', async () => {
  const key = (prefix: string, url: string) => meta(`${prefix} ${url}`, 'ac-discovery-pubkeys');
  const document = [
    key('example.com', 'https://k.example/all.asc'),
    key('example.com/te', 'https://k.example/sibling.asc'),
    key('example.com/team', 'https://k.example/team.asc'),
    key('example.com/team', 'http://k.example/plain.asc'),
  ].join('');
  const keys = await discoverPublicKeys(site({ 'https://example.com/team/app': document }), wanted.name);
  assert.deepEqual(
    keys.map(({ prefix, url }) => [prefix, url.href]),
    [
      ['example.com', 'https://k.example/all.asc'],
      ['example.com/team', 'https://k.example/team.asc'],
    ],
  );
});
