import { readArchive } from '../../../image/archive.ts';
import type { Compression } from '../../../image/compression.ts';
import { writeAci } from '../../../image/write-aci.ts';
import { archive, entry, inChunks } from './tar-blocks.ts';

export interface TestAci {
  readonly name?: string;
  readonly version?: string;
  /** More members of the manifest. */
  readonly more?: object;
  readonly compression?: Compression;
  readonly files?: readonly Buffer[];
}

export function manifestOf({ name = 'example.com/test', version = '1', more = {} }: TestAci): Buffer {
  const labels = [{ name: 'version', value: version }];
  return Buffer.from(JSON.stringify({ acKind: 'ImageManifest', acVersion: '0.8.11', name, labels, ...more }));
}

/** Writes an ACI with a few files; gives its ID. */
export async function writeTestAci(out: string, aci: TestAci = {}): Promise<string> {
  const files = aci.files ?? [
    entry({ name: 'rootfs/bin/hello', mode: 0o755 }, 'hello'),
    entry({ name: 'rootfs/etc/passwd' }, 'root:x:0:0'),
  ];
  const rootfs = readArchive(inChunks(archive(entry({ name: 'rootfs', type: '5', mode: 0o755 }), ...files)));
  const { id } = await writeAci({
    manifest: manifestOf(aci),
    rootfs,
    out,
    compression: aci.compression ?? 'gzip',
  });
  return id;
}
