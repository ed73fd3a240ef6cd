import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FetchOptions } from '../../image/fetch/options.ts';
import type { Store } from '../../image/store/layout.ts';
import { removeTree } from '../../image/store/remove-tree.ts';
import { openStore } from '../../image/store.ts';
import { type TestAci, writeTestAci } from '../unit/image/test-aci.ts';
import { type TrustHome, trustHome } from '../unit/trust/trust-home.ts';

/** A store, a key store and a publisher. */
export interface FetchPlace extends Disposable {
  readonly path: string;
  readonly store: Store;
  readonly home: TrustHome;
  readonly publisher: string;
  /** What was told meanwhile, warnings first among them. */
  readonly told: string[];
  options(changes?: Partial<FetchOptions>): FetchOptions;
  /** Writes an ACI, signs it, and gives its path. */
  signedAci(name: string, aci?: TestAci): Promise<string>;
  sign(path: string): void;
}

export async function fetchPlace(): Promise<FetchPlace> {
  const path = mkdtempSync(join(tmpdir(), 'tsrkt-fetch-'));
  const home = trustHome();
  home.clear();
  const publisher = home.key('Publisher <publisher@example.com>', { date: '20200101T000000' });
  await home.trustKey(publisher, 'example.com');
  const told: string[] = [];
  const tell = (text: string) => told.push(text);
  const sign = (file: string) => writeFileSync(`${file}.asc`, home.sign(publisher, readFileSync(file)));
  return {
    path,
    store: openStore(join(path, 'data')),
    home,
    publisher,
    told,
    options: (changes = {}) => ({
      host: { os: 'linux', arch: 'amd64' },
      pullPolicy: 'new',
      insecureImage: false,
      trust: () => home.trust(),
      http: { userAgent: 'tsrkt/test' },
      keyDiscovery: undefined,
      registries: {
        configDirectories: [join(path, 'config')],
        lookasideDirectory: join(path, 'config/registries.d'),
        defaultLookaside: pathToFileURL(join(path, 'sigstore')),
        env: {},
      },
      notes: {
        notice: tell,
        detail: () => {},
        warning: (text) => tell(`warning: ${text}`),
        progress: () => {},
      },
      ...changes,
    }),
    sign,
    async signedAci(name, aci = {}) {
      const file = join(path, name);
      await writeTestAci(file, aci);
      sign(file);
      return file;
    },
    [Symbol.dispose]: () => {
      home[Symbol.dispose]();
      removeTree(path);
    },
  };
}
