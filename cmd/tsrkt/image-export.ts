import { rmSync } from 'node:fs';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import type { Command } from '../command.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { positionals } from '../positionals.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';
import { openStoredImage } from './stored-image.ts';

const FLAGS = {
  to: {
    kind: 'string',
    value: 'FORMAT',
    describe: 'aci (default), oci (a directory) or oci-archive (a tar)',
  },
  tag: { kind: 'string', value: 'TAG', describe: "the image's name in an OCI layout" },
  overwrite: { kind: 'boolean', describe: 'replace the file if it is there' },
} as const satisfies Flags;

export const imageExport: Command<Globals> = {
  usage: '[FLAGS] IMAGE FILE',
  summary: 'Writes an image of the store into a file, or an image layout.',
  example: 'tsrkt image export --to=oci-archive example.com/hello hello.tar',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const [reference, out, ...others] = words;
    if (reference === undefined || out === undefined || others.length > 0)
      throw new UsageError('expected an image and a file');
    const values = flagValues(FLAGS, given);
    checkFormat(values.to);
    becomeRoot();
    await (values.to === undefined || values.to === 'aci' ? asAci : asOci)(globals, reference, out, values);
    return 0;
  },
};

function checkFormat(format = 'aci'): void {
  if (['aci', 'oci', 'oci-archive'].includes(format)) return;
  throw new UsageError(`--to: expected aci, oci or oci-archive, got ${JSON.stringify(format)}`);
}

type Values = FlagValues<typeof FLAGS>;

async function asAci(globals: Globals, reference: string, out: string, { overwrite }: Values): Promise<void> {
  const { store, image } = await openStoredImage(globals, reference);
  const { exportAci } = await import('../../image/transport/export-aci.ts');
  await exportAci(store, image, out, overwrite);
}

/** Layouts hold several images, so this one is added; an archive is written anew. */
async function asOci(globals: Globals, reference: string, out: string, values: Values): Promise<void> {
  const { openStore } = await import('../../image/store.ts');
  const { transferImage } = await import('../../image/transport/transfer.ts');
  if (values.overwrite && values.to === 'oci-archive') rmSync(out, { force: true });
  const to = `${values.to}:${out}${values.tag === undefined ? '' : `:${values.tag}`}`;
  const options = fetchOptions('export', globals, 'never');
  await transferImage(
    openStore(globals.dataDirectory),
    { from: reference, to, isStored: true, isWhole: false, hasSignatures: false },
    options,
  );
}
