import { type Http, openHttp } from '../http.ts';
import { type AuthConfig, loadAuthConfig } from '../registry/auth/auth-config.ts';
import { authorizeGet } from '../registry/auth/authorize.ts';
import type { FetchOptions } from './options.ts';

/** A client for servers of ACIs, signatures and discovery documents, with what `auth.d` has for their hosts. */
export function openAciHttp({ http: options, registries }: Pick<FetchOptions, 'http' | 'registries'>): Http {
  const http = openHttp(options);
  let config: AuthConfig | undefined;
  return {
    allowHttp: http.allowHttp,
    request(request) {
      config ??= loadAuthConfig(registries.configDirectories);
      const { authorization, headers } = authorizeGet(config, request.url, new Date());
      if (authorization === undefined) return http.request(request);
      return http.request({ ...request, authorization, headers: { ...request.headers, ...headers } });
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  };
}
