import type { Command } from '../command.ts';
import { print } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { VERSION } from './version-number.ts';

export const version: Command<Globals> = {
  usage: '',
  summary:
    'Prints the version of tsrkt, of the specifications it follows, and of the runtime it was built with.',
  example: 'tsrkt version',
  flags: {},
  run({ tokens }) {
    refuseWords(positionals(tokens).words);
    print(`tsrkt Version: ${VERSION}`);
    print('appc Version: 0.8.11');
    print('OCI runtime-spec Version: 1.2.0');
    print(
      `Runtime: ${process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`}`,
    );
    print(`OS/Arch: linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`);
    print('Features: -TPM -SDJOURNAL');
    return 0;
  },
};
