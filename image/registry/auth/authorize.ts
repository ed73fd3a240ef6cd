import { basicAuthorization } from '../../http/url.ts';
import type { AuthConfig } from './auth-config.ts';
import { signAwsRequest } from './aws-signature.ts';

/** What makes a GET authorized: the Authorization value and, for AWS, the headers it signs. */
export interface Authorization {
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the configuration authorizes the fetching of an ACI or a signature: over https only. */
export function authorizeGet(config: AuthConfig, url: URL, now: Date): Authorization {
  const auth =
    url.protocol === 'https:'
      ? (config.domains.get(url.host) ?? config.domains.get(url.hostname))
      : undefined;
  switch (auth?.type) {
    case 'basic':
      return { authorization: basicAuthorization(`${auth.credentials.user}:${auth.credentials.password}`) };
    case 'oauth':
      return { authorization: `Bearer ${auth.credentials.token}` };
    case 'aws':
      return signAwsRequest(url, auth.credentials, now);
    default:
      return {};
  }
}
