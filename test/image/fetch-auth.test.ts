import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchImage } from '../../image/fetch.ts';
import { certificate, rejectsWith } from '../registry/pulling.ts';
import { startServer } from '../registry/server.ts';
import { writeTestAci } from '../unit/image/test-aci.ts';
import { fetchPlace } from './fetch-place.ts';

test('an ACI is fetched with the credentials that auth.d has for its host, and told to no other', async () => {
  using place = await fetchPlace();
  const file = join(place.path, 'served.aci');
  await writeTestAci(file);
  await using other = await startServer((_, response) => void response.end(readFileSync(file)), certificate);
  await using server = await startServer((request, response) => {
    const isAllowed = request.headers.authorization === `Basic ${btoa('me:secret')}`;
    if (!isAllowed) response.writeHead(401).end();
    else response.writeHead(302, { location: `${other.origin}${request.url}` }).end();
  }, certificate);
  const http = { userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile }, retries: 0 };
  const fetch = () =>
    fetchImage(
      place.store,
      { reference: `${server.origin}/a.aci` },
      place.options({ http, insecureImage: true }),
    );
  await rejectsWith(fetch(), 'ERR_HTTP_STATUS');
  const auth = join(place.path, 'config/auth.d');
  mkdirSync(auth, { recursive: true });
  const credentials = { user: 'me', password: 'secret' };
  const entry = { rktKind: 'auth', rktVersion: 'v1', domains: [server.host], type: 'basic', credentials };
  writeFileSync(join(auth, 'server.json'), JSON.stringify(entry));
  assert.equal((await fetch()).record.name, 'example.com/test');
  assert.equal(other.seen[0]?.headers.authorization, undefined);
});
