import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanMetaTags } from '../../../../image/discovery/meta-tags.ts';

const found = (html: string) => scanMetaTags(html).map(({ name, content }) => `${name}=${content}`);

const good: [html: string, tags: string[]][] = [
  ['<meta name="a" content="b">', ['a=b']],
  ["<META NAME='a' CONTENT='b'/>", ['a=b']],
  ['<meta name=a content=b>', ['a=b']],
  ['<meta\n  content = "b c"\n  name = "a"\n>', ['a=b c']],
  ['<html><body><p><meta name="a" content="b"></p>', ['a=b']],
  ['<meta name="a" content="x &amp; &quot;y&quot; &#60;&#x3e;">', ['a=x & "y" <>']],
  ['<meta name="a" content="> not the end">', ['a=> not the end']],
  ['<meta name="a" content="first" content="second">', ['a=first']],
  ['<meta/name="a"/content="b"/>', ['a=b']],
  ['text < text <meta name="a" content="b">', ['a=b']],
  ['<!doctype html><meta name="a" content="b">', ['a=b']],
  ['<meta name="a" content="b"><meta name="c" content="d">', ['a=b', 'c=d']],
];

for (const [html, tags] of good)
  test(`scanMetaTags() reads ${html}`, () => assert.deepEqual(found(html), tags));

const nothing = [
  '',
  '<',
  '<meta',
  '<meta name="a">',
  '<!-- <meta name="a" content="b"> -->',
  '<!-- never closed <meta name="a" content="b">',
  '<script>x = \'<meta name="a" content="b">\'</script>',
  '<style><meta name="a" content="b"></style>',
  '<textarea><meta name="a" content="b"></textarea>',
  '<TITLE><meta name="a" content="b"></TITLE>',
  '<noscript><meta name="a" content="b"></noscript>',
  '<metadata name="a" content="b">',
  '<a title=\'<meta name="a" content="b">\'>',
  '</meta name="a" content="b">',
  `<meta name="a" content="${'x'.repeat(3000)}">`,
];

for (const html of nothing)
  test(`scanMetaTags() finds no tag in ${html.slice(0, 60)}`, () => assert.deepEqual(found(html), []));

test('scanMetaTags() finds a tag after a script, and after a comment', () => {
  assert.deepEqual(found('<script><b></script><!-- > --><meta name="a" content="b">'), ['a=b']);
});

test('scanMetaTags() takes no more than 256 tags', () => {
  assert.equal(scanMetaTags('<meta name="a" content="b">'.repeat(1000)).length, 256);
});

for (const part of [
  '<',
  '<a',
  '<meta ',
  '<!--',
  '<!',
  '<script>',
  '<meta a="',
  "<meta a='",
  '<a =',
  'a=" ',
  '<a b ',
  ' ',
  '/',
  '<a b="c" d=\'',
  '&#',
  '<a\n b  =  ',
])
  test(`scanMetaTags() takes linear time for a megabyte of ${JSON.stringify(part)}`, () => {
    const begin = performance.now();
    scanMetaTags(part.repeat((1 << 20) / part.length));
    scanMetaTags(`<meta ${part.repeat((1 << 20) / part.length)}`);
    assert.ok(performance.now() - begin < 10_000);
  });
