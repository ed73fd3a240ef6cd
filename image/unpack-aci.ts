import { closeSync, constants, openSync } from 'node:fs';
import { type Aci, readAci } from './aci.ts';
import type { Chunks } from './compression.ts';
import type { Privilege } from './extract/attributes.ts';
import { beginExtraction } from './extract.ts';

/** Reads an ACI and makes its root file system in the empty directory `target`, in one pass. */
export async function unpackAci(chunks: Chunks, target: string, privilege: Privilege): Promise<Aci> {
  const root = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    using extraction = beginExtraction(root, { privilege, duplicates: 'refuse' });
    const aci = await readAci(chunks, extraction.add);
    extraction.finish();
    return aci;
  } finally {
    closeSync(root);
  }
}
