import { openStore } from '../../image/store.ts';
import { importFile } from '../unit/image/store/store-place.ts';

/** A process that imports files into a store: `import-child DIRECTORY FILE…`. It says "started" before, and the IDs after. */
async function main([directory = '', ...files]: readonly string[]): Promise<void> {
  process.stdout.write('started\n');
  for (const file of files) {
    const { id } = await importFile(openStore(directory), file);
    process.stdout.write(`${id}\n`);
  }
}

await main(process.argv.slice(2));
