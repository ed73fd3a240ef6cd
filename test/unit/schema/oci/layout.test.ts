import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOciLayout, parseLayoutIndex, parseSavedImages } from '../../../../schema/oci/layout.ts';
import { refuses } from '../check-decoder.ts';

test('checkOciLayout() knows version 1', () => {
  checkOciLayout('{"imageLayoutVersion": "1.0.0"}');
  refuses(
    (value) => checkOciLayout(String(value)),
    [
      [
        '{"imageLayoutVersion":"2.0.0"}',
        'oci-layout: imageLayoutVersion: expected version 1.0.0, got "2.0.0"',
      ],
      ['{}', 'oci-layout: imageLayoutVersion: missing'],
    ],
  );
});

test('parseLayoutIndex() takes an index without a media type, and an empty one', () => {
  assert.deepEqual(parseLayoutIndex('{"schemaVersion":2,"manifests":null}'), {
    schemaVersion: 2,
    manifests: [],
  });
});

test('parseSavedImages() takes what docker save writes', () => {
  const images = [
    { Config: 'abc.json', RepoTags: ['hello:latest'], Layers: ['abc/layer.tar', 'blobs/sha256/abc'] },
    { Config: '..data/x..', RepoTags: null, Layers: null },
  ];
  assert.deepEqual(parseSavedImages(JSON.stringify(images)), [
    images[0],
    { Config: '..data/x..', RepoTags: [], Layers: [] },
  ]);
});

test('parseSavedImages() refuses paths that leave the archive', () => {
  for (const path of ['', '/etc/passwd', '../x', 'a/../b', 'a/..', './a', 'a//b', 'a/', '.', '..'])
    refuses(
      (value) => parseSavedImages(JSON.stringify([{ Config: value }])),
      [[path, `manifest.json: [0].Config: expected a path inside the archive, got ${JSON.stringify(path)}`]],
    );
});
