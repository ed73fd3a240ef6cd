import { fetchImage } from '../../image/fetch.ts';
import { openStore } from '../../image/store.ts';

/** A process that fetches an image without its signatures: `fetch-child DIRECTORY REFERENCE`. It prints what it is told, then the ID. */
async function main([directory = '', reference = '']: readonly string[]): Promise<void> {
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const { id } = await fetchImage(
    openStore(directory),
    { reference },
    {
      host: { os: 'linux', arch: 'amd64' },
      pullPolicy: 'update',
      insecureImage: true,
      trust: () => {
        throw new Error('asked for keys');
      },
      http: { userAgent: 'tsrkt/test', env: process.env },
      keyDiscovery: undefined,
      registries: {
        configDirectories: [],
        lookasideDirectory: directory,
        defaultLookaside: new URL('file:///nowhere'),
        env: {},
      },
      notes: { notice: say, detail: () => {}, warning: () => {}, progress: () => {} },
    },
  );
  say(id);
}

await main(process.argv.slice(2));
