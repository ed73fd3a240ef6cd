import type { Command } from '../command.ts';
import { flagValues } from '../flag-values.ts';
import { print, tell } from '../output.ts';
import { positionals } from '../positionals.ts';
import type { Globals } from './globals.ts';
import { namedPod, UUID_FILE_FLAG } from './uuid-arguments.ts';

export const pause: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Lets nothing of a running pod run until it is resumed.',
  example: 'tsrkt pause 6733c088',
  flags: UUID_FILE_FLAG,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const uuid = namedPod(words, flagValues(UUID_FILE_FLAG, given)['uuid-file'], globals.dataDirectory);
    const { pausePod } = await import('../../stage0/processes/pause.ts');
    const method = await pausePod(globals.dataDirectory, uuid);
    if (method === 'signals')
      tell('pause: the pod has no cgroup that can be frozen: its processes are stopped by SIGSTOP');
    print(JSON.stringify(uuid));
    return 0;
  },
};

export const resume: Command<Globals> = {
  usage: '[FLAGS] UUID',
  summary: 'Lets a pod go on that was paused.',
  example: 'tsrkt resume 6733c088',
  flags: UUID_FILE_FLAG,
  async run({ globals, tokens }) {
    const { words, given } = positionals(tokens);
    const uuid = namedPod(words, flagValues(UUID_FILE_FLAG, given)['uuid-file'], globals.dataDirectory);
    const { resumePod } = await import('../../stage0/processes/pause.ts');
    resumePod(globals.dataDirectory, uuid);
    print(JSON.stringify(uuid));
    return 0;
  },
};
