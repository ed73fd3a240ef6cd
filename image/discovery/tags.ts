import type { Labels } from '../../schema/label.ts';
import type { MetaTag } from './meta-tags.ts';
import { renderTemplate } from './template.ts';

/** Where an image may be had, and its signature. */
export interface Endpoint {
  readonly image: URL;
  readonly signature: URL;
}

/** A key offered for the names below `prefix`. */
export interface PublicKeyLocation {
  readonly prefix: string;
  readonly url: URL;
}

export interface Wanted {
  readonly name: string;
  readonly labels: Labels;
}

/** The endpoints that a document's `ac-discovery` tags give for an image, in the document's order. */
export function endpointsOf(
  tags: readonly MetaTag[],
  { name, labels }: Wanted,
  allowHttp: boolean,
): readonly Endpoint[] {
  const render = (template: string, ext: string) =>
    fetchable(renderTemplate(template, { name, labels, ext }), allowHttp);
  return pairsOf(tags, 'ac-discovery').flatMap(([prefix, template]) => {
    if (!name.startsWith(prefix)) return [];
    const image = render(template, 'aci');
    const signature = render(template, 'aci.asc');
    return image !== undefined && signature !== undefined ? [{ image, signature }] : [];
  });
}

/**
 * The keys that a document's `ac-discovery-pubkeys` tags offer for a name. Unlike an endpoint, a key's prefix has to
 * match whole path components: who signs for `example.com/etcd` has no say about `example.com/etcd-evil`.
 */
export function publicKeysOf(
  tags: readonly MetaTag[],
  name: string,
  allowHttp: boolean,
): readonly PublicKeyLocation[] {
  return pairsOf(tags, 'ac-discovery-pubkeys').flatMap(([prefix, location]) => {
    const url = fetchable(location, allowHttp);
    return url !== undefined && isBelow(name, prefix) ? [{ prefix, url }] : [];
  });
}

/** The tags called `name` whose content is two words. */
function pairsOf(tags: readonly MetaTag[], name: string): readonly (readonly [string, string])[] {
  return tags
    .filter((tag) => tag.name === name)
    .map((tag) => tag.content.trim().split(/\s+/))
    .flatMap(([first, second, ...more]) =>
      first !== undefined && second !== undefined && more.length === 0 ? [[first, second] as const] : [],
    );
}

function isBelow(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

function fetchable(text: string | undefined, allowHttp: boolean): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || (allowHttp && url.protocol === 'http:') ? url : undefined;
}
