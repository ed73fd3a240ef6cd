/** A `<meta name=… content=…>` of an HTML document. */
export interface MetaTag {
  readonly name: string;
  readonly content: string;
}

/** The most tags taken from one document, and the longest `content` (in characters). */
const MAX_TAGS = 256;
const MAX_CONTENT = 2048;

/** Elements whose content is text, not markup (HTML, 13.2.5: RAWTEXT, RCDATA, script data): a tag in there is none. */
const TEXT_ELEMENTS = new Set([
  'script',
  'style',
  'title',
  'textarea',
  'iframe',
  'noembed',
  'noframes',
  'noscript',
  'xmp',
]);

/**
 * Finds the meta tags of an HTML document in one pass, without building a tree, in time linear in its length. Comments and
 * the text of scripts are skipped; everything else that is wrong with the document is borne.
 */
export function scanMetaTags(html: string): readonly MetaTag[] {
  const lower = html.toLowerCase();
  const tags: MetaTag[] = [];
  let position = html.indexOf('<');
  while (position >= 0 && tags.length < MAX_TAGS) {
    const element = /^[a-z][a-z0-9]*/.exec(lower.slice(position + 1, position + 33))?.[0];
    if (element === undefined) {
      position = html.indexOf('<', skipDeclaration(html, position));
      continue;
    }
    const { attributes, end } = scanAttributes(html, position + 1 + element.length);
    if (element === 'meta') tags.push(...asMetaTag(attributes));
    const next = TEXT_ELEMENTS.has(element) ? indexOrEnd(lower, `</${element}`, end) : end;
    position = html.indexOf('<', next);
  }
  return tags;
}

/** Past a comment, a `<!…>`, a `<?…>`, or a `<` that begins nothing. */
function skipDeclaration(html: string, position: number): number {
  if (html.startsWith('<!--', position)) return indexOrEnd(html, '-->', position + 4);
  if (html[position + 1] === '!' || html[position + 1] === '?') return indexOrEnd(html, '>', position);
  return position + 1;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index < 0 ? text.length : index;
}

const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?/y;

/** The attributes from `from` to the tag's `>`; of two with one name the first counts, as in browsers. */
function scanAttributes(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let end = from;
  for (;;) {
    ATTRIBUTE.lastIndex = end;
    const match = ATTRIBUTE.exec(html);
    if (match === null) break;
    end = ATTRIBUTE.lastIndex;
    const name = (match[1] ?? '').toLowerCase();
    if (!attributes.has(name)) attributes.set(name, match[2] ?? match[3] ?? match[4] ?? '');
  }
  return { attributes, end: indexOrEnd(html, '>', end) };
}

function asMetaTag(attributes: ReadonlyMap<string, string>): readonly MetaTag[] {
  const name = attributes.get('name');
  const content = attributes.get('content');
  if (name === undefined || content === undefined || content.length > MAX_CONTENT) return [];
  return [{ name, content: undoEntities(content) }];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function undoEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (all, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name] ?? all;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}
