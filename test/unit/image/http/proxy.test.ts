import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../../../image/http/proxy.ts';

const proxied = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href;
const P = 'http://proxy.example:3128/';

const good: [url: string, env: Record<string, string>, proxy: string | undefined][] = [
  ['https://a.example/', {}, undefined],
  ['https://a.example/', { HTTPS_PROXY: P }, P],
  ['https://a.example/', { https_proxy: 'proxy.example:3128' }, P],
  ['https://a.example/', { HTTP_PROXY: P }, undefined],
  ['http://a.example/', { HTTP_PROXY: P }, P],
  ['http://a.example/', { HTTP_PROXY: P, REQUEST_METHOD: 'GET' }, undefined],
  ['https://a.example/', { ALL_PROXY: P }, P],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example' }, undefined],
  ['https://b.a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example' }, undefined],
  ['https://b.a.example/', { HTTPS_PROXY: P, NO_PROXY: '.a.example' }, undefined],
  ['https://evil-a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example' }, P],
  ['https://a.example:8443/', { HTTPS_PROXY: P, NO_PROXY: 'a.example:443' }, P],
  ['https://a.example:443/', { HTTPS_PROXY: P, NO_PROXY: 'x, a.example:443' }, undefined],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: '*' }, undefined],
  ['https://10.1.2.3/', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3/', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8' }, P],
  ['https://10.1.2.3/', { HTTPS_PROXY: P, NO_PROXY: '10.1.2.3' }, undefined],
  ['https://[fd00::1]/', { HTTPS_PROXY: P, NO_PROXY: 'fd00::1' }, undefined],
  ['https://localhost/', { HTTPS_PROXY: P }, undefined],
  ['https://127.0.0.2/', { HTTPS_PROXY: P }, undefined],
  ['https://[::1]/', { HTTPS_PROXY: P }, undefined],
];

for (const [url, env, proxy] of good)
  test(`proxyFor(${url}) with ${JSON.stringify(env)} is ${proxy ?? 'none'}`, () =>
    assert.equal(proxied(url, env), proxy));

for (const value of ['socks5://proxy.example', 'http://'])
  test(`proxyFor() refuses the proxy ${value}`, () =>
    assert.throws(() => proxied('https://a.example/', { HTTPS_PROXY: value }), { code: 'ERR_HTTP_PROXY' }));
