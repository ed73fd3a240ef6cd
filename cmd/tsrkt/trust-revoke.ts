import { shortImageId } from '../../schema/image-id.ts';
import { becomeRoot } from '../../stage0/rootless/become-root.ts';
import { revokeKey } from '../../trust/keystore/write.ts';
import { openTrust } from '../../trust/open-trust.ts';
import type { Command } from '../command.ts';
import { print } from '../output.ts';
import { positionals } from '../positionals.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { namedFingerprint } from './key-arguments.ts';

export const trustRevoke: Command<Globals> = {
  usage: 'FINGERPRINT',
  summary:
    'Takes all trust from a key for ever, and lists the images that came in by its signatures and the pods they are in. Images ' +
    'that nobody else vouches for run no more; pods that run go on.',
  example: 'tsrkt trust revoke 9f784e18e483b9e5389674f6e9ea7df96a5c8c35',
  flags: {},
  async run({ globals, tokens }) {
    const fingerprint = namedFingerprint(positionals(tokens).words);
    becomeRoot();
    const trust = openTrust(globals);
    print(`Revoked by ${JSON.stringify(revokeKey(trust.store, fingerprint))}`);
    const { openStore } = await import('../../image/store.ts');
    const { affectedImages } = await import('../../image/affected-images.ts');
    const { affectedPods } = await import('../../stage0/trust/affected-pods.ts');
    const { dataDirectory } = globals;
    for (const { image, refusal } of await affectedImages(openStore(dataDirectory), fingerprint, trust)) {
      const fate = refusal === undefined ? 'still runs, others vouch for it' : `runs no more: ${refusal}`;
      print(`image ${shortImageId(image.id)} (${safeText(image.record.name)}) ${safeText(fate)}`);
    }
    for (const { uuid, state, parts } of affectedPods(dataDirectory, fingerprint))
      print(`pod ${uuid} is ${state} with ${parts.join(', ')}`);
    return 0;
  },
};
