import { givenDescriptors } from '../../linux/listening-socket.ts';
import { sendNotification } from '../../linux/notify.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { tell } from '../output.ts';
import { positionals, refuseWords } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { integerFlag } from './integer-flag.ts';
import { warner } from './warner.ts';

const FLAGS = {
  'listen-port': { kind: 'string', value: 'PORT', describe: 'where pods reach it (default 18112)' },
} as const satisfies Flags;

export const metadataService: Command<Globals> = {
  usage: '[FLAGS]',
  summary:
    'Tells apps of pods that run with --mds-register what they are, and signs and verifies for them. Serves until it is ' +
    'stopped, on the sockets of a service manager, if it is given some.',
  example: 'tsrkt metadata-service',
  flags: FLAGS,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    refuseWords(words);
    const { 'listen-port': text } = flagValues(FLAGS, given);
    const port = text === undefined ? undefined : integerFlag('listen-port', text, 0, 65_535);
    const { serveMetadata } = await import('../../stage0/metadata/serve.ts');
    const serving = await serveMetadata({
      dataDirectory: globals.dataDirectory,
      port,
      listeners: givenDescriptors(process.env, process.pid),
      onWarning: warner('metadata-service'),
    });
    tell(`metadata-service: listening on port ${serving.port}`);
    const { NOTIFY_SOCKET } = process.env;
    if (NOTIFY_SOCKET !== undefined) sendNotification(NOTIFY_SOCKET, { READY: '1' });
    return serving.ended;
  },
};
