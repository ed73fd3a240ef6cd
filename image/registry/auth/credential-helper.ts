import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { object, string } from '../../../schema/decode.ts';
import { show } from '../../../schema/decode-error.ts';
import { decodeJson } from '../../../schema/json.ts';
import type { RegistryCredentials } from './docker-config.ts';

/** A credential helper that cannot be run or does not answer as it should. */
export class CredentialHelperError extends Error {
  readonly code = 'ERR_CREDENTIAL_HELPER';
  constructor(program: string, why: string) {
    super(`ask ${program} for credentials: ${why}`);
    this.name = 'CredentialHelperError';
  }
}

const answer = object({ Username: string, Secret: string });

/** What helpers say when they know nothing of a server; they say it with exit status 1, like any failure. */
const NOT_FOUND = /credentials not found/i;

/** Asks `docker-credential-HELPER get` for the credentials of a server: undefined if it has none. */
export async function askCredentialHelper(
  helper: string,
  server: string,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  if (!/^[A-Za-z0-9._-]+$/.test(helper))
    throw new CredentialHelperError(show(program), 'not the name of a program');
  const { status, stdout } = await run(program, server);
  if (status !== 0) {
    if (NOT_FOUND.test(stdout)) return undefined;
    throw new CredentialHelperError(program, `exit status ${status}: ${show(stdout.trim())}`);
  }
  const { Username, Secret } = decodeJson(stdout, answer, {
    what: `answer of ${program}`,
    maxBytes: 1 << 20,
  });
  return Username === '<token>' ? { identityToken: Secret } : { user: Username, password: Secret };
}

async function run(program: string, input: string): Promise<{ status: number | null; stdout: string }> {
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 60_000 });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new CredentialHelperError(program, error.message)));
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // a helper may exit without reading
  child.stdin.end(input);
  const [status, stdout] = await Promise.all([ended, text(child.stdout)]);
  return { status, stdout };
}
