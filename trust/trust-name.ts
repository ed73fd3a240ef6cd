import { show } from '../schema/decode-error.ts';
import { TrustError } from './trust-error.ts';

/**
 * The components of an image name or prefix: `example.com/app`, `localhost:5000/team/app`. They become directory names, so
 * nothing that leads elsewhere (empty, `.`, `..`) is one.
 */
export function nameComponents(name: string): readonly string[] {
  if (!isName(name))
    throw new TrustError('ERR_BAD_NAME', `look up keys for ${show(name)}: not an image name or prefix`);
  return name.split('/');
}

/** Whether every component of `name` is one. */
export function isName(name: string): boolean {
  const isComponent = (each: string) => /^[A-Za-z0-9[][A-Za-z0-9._~:[\]-]*$/.test(each);
  return name.length <= 512 && name.split('/').every(isComponent);
}

/** The prefixes that cover a name, shortest first: `a`, `a/b`, `a/b/c`. Whole components only: `a/etcd` never covers `a/etcd-evil`. */
export function prefixesOf(name: string): readonly string[] {
  const components = nameComponents(name);
  return components.map((_, index) => components.slice(0, index + 1).join('/'));
}
