import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { lookasideFor, stagingFor } from '../../../trust/lookaside.ts';
import { parseDockerReference } from '../../../trust/oci/docker-reference.ts';
import { readRegistriesConfig } from '../../../trust/registries-d.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrkt-registries-'));
after(() => rmSync(directory, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of ['a.yaml', 'b.yaml']) rmSync(join(directory, name), { force: true });
});

const otherwise = new URL('file:///var/lib/containers/sigstore');
const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

async function baseFor(reference: string): Promise<string> {
  return lookasideFor(await readRegistriesConfig(directory), parseDockerReference(reference)!, otherwise)
    .href;
}

test('lookasideFor() takes the most specific scope, then default-docker, then the default directory', async () => {
  assert.equal(await baseFor('q.io/team/app:1'), otherwise.href);
  write('a.yaml', 'default-docker:\n  lookaside: https://sig.example.com/\n  lookaside-staging: file:///x\n');
  write(
    'b.yaml',
    [
      'docker:',
      '  q.io: {lookaside: "https://q.example.com/host"}',
      '  q.io/team: {sigstore: "https://q.example.com/team"}',
      '  q.io/team/app:1: {lookaside: "https://q.example.com/one"}',
      '  quiet.io: {use-sigstore-attachments: true}',
    ].join('\n'),
  );
  assert.equal(await baseFor('q.io/team/app:1'), 'https://q.example.com/one');
  assert.equal(await baseFor('q.io/team/app:2'), 'https://q.example.com/team');
  assert.equal(await baseFor('q.io/teams/app'), 'https://q.example.com/host');
  assert.equal(await baseFor('other.io/app'), 'https://sig.example.com/');
  assert.equal(await baseFor('quiet.io/app'), otherwise.href);
});

test('stagingFor() is where the scope says to write, else its storage, and nowhere if that is no directory here', async () => {
  const staged = async (reference: string) =>
    stagingFor(await readRegistriesConfig(directory), parseDockerReference(reference)!, otherwise)?.href;
  assert.equal(await staged('q.io/app:1'), otherwise.href);
  write(
    'a.yaml',
    [
      'default-docker: {lookaside: "file:///default"}',
      'docker:',
      '  q.io: {lookaside: "https://x", lookaside-staging: "file:///new"}',
      '  q.io/old: {sigstore: "https://x", sigstore-staging: "file:///old"}',
      '  q.io/read: {lookaside: "https://x"}',
      '  q.io/http: {lookaside: "file:///x", lookaside-staging: "https://x"}',
    ].join('\n'),
  );
  assert.equal(await staged('q.io/app:1'), 'file:///new');
  assert.equal(await staged('q.io/old:1'), 'file:///old');
  assert.equal(await staged('q.io/read:1'), undefined);
  assert.equal(await staged('q.io/http:1'), undefined);
  assert.equal(await staged('other.io/app'), 'file:///default');
});

test('readRegistriesConfig() names the file that says something twice or wrong', async () => {
  const bad = async (message: RegExp) =>
    assert.rejects(readRegistriesConfig(directory), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_BAD_LOOKASIDE');
      assert.match(error.message, message);
      return true;
    });
  write('a.yaml', 'docker:\n  q.io: {lookaside: "gopher://x"}');
  await bad(/a\.yaml: docker\["q\.io"\]\.lookaside: expected an http, https or file URL/);
  write('a.yaml', 'docker: {q.io: {lookaside: "https://x"}}');
  write('b.yaml', 'docker: {q.io: {lookaside: "https://y"}}');
  await bad(/b\.yaml: scope "q\.io" stands in another file too/);
  write('b.yaml', 'docker: [');
  await bad(/b\.yaml: /);
});
