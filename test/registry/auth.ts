import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Auth {
  readonly scheme: 'basic' | 'bearer';
  readonly user: string;
  readonly password: string;
  /** Where tokens are said to be given, if not at `/token` here. */
  readonly realm?: string;
  /** Whether tokens are given to anybody. */
  readonly anonymous?: boolean;
}

const TOKEN = 'token-of-the-test-registry';

function basic({ user, password }: Auth): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export function isAuthorized(auth: Auth, { headers }: IncomingMessage): boolean {
  return headers.authorization === (auth.scheme === 'basic' ? basic(auth) : `Bearer ${TOKEN}`);
}

export function refuse(auth: Auth, { headers }: IncomingMessage, response: ServerResponse): void {
  const realm = auth.realm ?? `https://${headers.host}/token`;
  const bearer = `Bearer realm="${realm}",service="test",scope="repository:app:pull"`;
  response
    .writeHead(401, { 'www-authenticate': auth.scheme === 'basic' ? 'Basic realm="test"' : bearer })
    .end();
}

export function serveToken(auth: Auth, { headers }: IncomingMessage, response: ServerResponse): void {
  if (!auth.anonymous && headers.authorization !== basic(auth)) response.writeHead(401).end();
  else response.end(JSON.stringify({ token: TOKEN, expires_in: 300 }));
}
