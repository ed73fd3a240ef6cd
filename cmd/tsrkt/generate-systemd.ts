import { realpathSync } from 'node:fs';
import { isUuid } from '../../schema/uuid.ts';
import type { Command } from '../command.ts';
import { type Flags, UsageError } from '../flag.ts';
import { flagValues } from '../flag-values.ts';
import { print } from '../output.ts';
import type { Token } from '../scan.ts';
import type { Globals } from './globals.ts';
import { run } from './run.ts';

const OWN_FLAGS = {
  description: { kind: 'string', value: 'TEXT', describe: "the unit's description" },
} as const satisfies Flags;

export const generateSystemd: Command<Globals> = {
  usage: '[FLAGS] UUID | [FLAGS OF RUN] IMAGE [IMAGE FLAGS] [-- ARGUMENTS [---]] …',
  summary:
    'Prints a unit that runs a prepared pod, or that runs images as `tsrkt run` with the same arguments would.',
  example:
    'tsrkt generate systemd --net=host example.com/web:1.2 -- --port=80 > /etc/systemd/system/web.service',
  flags: { ...OWN_FLAGS, ...run.flags },
  appFlags: run.appFlags ?? {},
  unsupported: run.unsupported ?? [],
  async run({ globals, tokens }) {
    const isOwn = (token: Token) => token.kind === 'flag' && Object.hasOwn(OWN_FLAGS, token.name);
    const own = flagValues(
      OWN_FLAGS,
      tokens.filter((token) => token.kind === 'flag'),
    );
    const [first] = tokens.flatMap((token) => (token.kind === 'word' ? [token.text] : []));
    if (first === undefined)
      throw new UsageError('expected the UUID of a prepared pod, or at least one image');
    const rest = tokens.filter((token) => !isOwn(token)).flatMap(asTyped);
    const isPrepared = isUuid(first);
    const { podUnit } = await import('../../stage0/systemd/pod-unit.ts');
    const { formatUnitFile } = await import('../../stage0/systemd/unit-file.ts');
    const unit = podUnit({
      description: own.description ?? `Pod of ${first}`,
      command: [
        realpathSync('/proc/self/exe'),
        ...globalArguments(globals),
        isPrepared ? 'run-prepared' : 'run',
        ...rest,
      ],
      isRepeatable: !isPrepared,
    });
    print(formatUnitFile(unit).trimEnd());
    return 0;
  },
};

function asTyped(token: Token, index: number, tokens: readonly Token[]): readonly string[] {
  if (token.kind === 'word') return [token.text];
  if (token.kind === 'flag') return [`--${token.name}=${token.value}`];
  return ['--', ...token.list, ...(index < tokens.length - 1 ? ['---'] : [])];
}

/** What the caller's flags and configuration said: the unit has another environment. */
function globalArguments({
  dataDirectory,
  insecure,
  localConfig,
  systemConfig,
  userConfig,
}: Globals): readonly string[] {
  return [
    ...(dataDirectory === '/var/lib/tsrkt' ? [] : [`--dir=${dataDirectory}`]),
    ...(systemConfig === '/usr/lib/tsrkt' ? [] : [`--system-config=${systemConfig}`]),
    ...(localConfig === '/etc/tsrkt' ? [] : [`--local-config=${localConfig}`]),
    ...(userConfig === undefined ? [] : [`--user-config=${userConfig}`]),
    ...(insecure.size === 0 ? [] : [`--insecure-options=${[...insecure].join(',')}`]),
  ];
}
