import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAcIdentifier } from '../../../../schema/ac-identifier.ts';
import { appsStdio, STDIO } from '../../../../stage0/run/app-stdio.ts';

function app(said: Partial<Record<keyof typeof STDIO, string>>) {
  const annotations = Object.entries(said).map(([stream, value]) => ({
    name: parseAcIdentifier(STDIO[stream as keyof typeof STDIO]),
    value,
  }));
  return { name: 'web', annotations };
}

const how = { interactive: false, flavor: 'default' };

test('appsStdio() tells stage1 what the annotations of apps say, and nothing where they say nothing', () => {
  assert.equal(appsStdio([app({})], how), undefined);
  assert.deepEqual(appsStdio([app({ stdin: 'tty', stdout: 'log' })], how), {
    web: { stdin: 'tty', stdout: 'log' },
  });
});

test('appsStdio() takes rkt’s "interactive" for nothing, and refuses what no stream can be', () => {
  assert.equal(appsStdio([app({ stdin: 'interactive' })], how), undefined);
  assert.throws(() => appsStdio([app({ stdin: 'log' })], how), /app "web": coreos.com\/rkt\/stage2\/stdin/);
  assert.throws(() => appsStdio([app({ stdout: 'file' })], how), /stage2\/stdout/);
});

test('appsStdio() refuses streams with --interactive and with fly', () => {
  assert.throws(() => appsStdio([app({ stdin: 'tty' })], { ...how, interactive: true }), /--interactive/);
  assert.throws(() => appsStdio([app({ stdin: 'tty' })], { ...how, flavor: 'fly' }), /--stage1=fly/);
});
