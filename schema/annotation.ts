import { acIdentifier } from './ac-identifier.ts';
import { type Decoder, type Infer, matching, object, refine, string, uniqueArray } from './decode.ts';
import { item } from './decode-error.ts';
import { rfc3339 } from './rfc3339.ts';

export type Annotation = Infer<typeof annotation>;
export type Annotations = readonly Annotation[];

const annotation = object({ name: acIdentifier, value: string });

const webUrl = matching(/^https?:\/\/[^\s/]\S*$/, 'an http or https URL');

/** The names the appc spec gives a meaning, where that has a syntax (aci.md, annotations). */
const wellKnown: Readonly<Record<string, Decoder<string>>> = {
  created: rfc3339,
  homepage: webUrl,
  documentation: webUrl,
};

/** Annotations of an image, app or pod: unique, the well-known ones checked. */
export const annotations: Decoder<Annotations> = refine(
  uniqueArray(annotation, (each) => each.name, 'name'),
  (list, at) => {
    for (const [index, { name, value }] of list.entries())
      if (Object.hasOwn(wellKnown, name)) wellKnown[name]?.(value, `${item(at, index)}.value`);
    return list;
  },
);

/** The value of the annotation called `name`. */
export function annotationValue(list: Annotations, name: string): string | undefined {
  return list.find((each) => each.name === name)?.value;
}
