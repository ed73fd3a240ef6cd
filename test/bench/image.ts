import { writeAci } from '../../image/write-aci.ts';

/** The root file system as an ACI that runs /bin/true. Returns its image ID. */
export async function makeImage(rootfs: string, out: string): Promise<string> {
  const manifest = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: 'example.com/bench',
    labels: [
      { name: 'os', value: 'linux' },
      { name: 'arch', value: process.arch === 'arm64' ? 'aarch64' : 'amd64' },
    ],
    app: { exec: ['/bin/true'], user: '0', group: '0' },
  };
  const { id } = await writeAci({
    manifest: Buffer.from(JSON.stringify(manifest)),
    rootfs,
    out,
    compression: 'none',
  });
  return id;
}
