import { CAPABILITIES } from '../../linux/capability.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import type { Isolator } from '../../schema/isolator.ts';
import { type Quantity, quantity, quantityUnits } from '../../schema/quantity.ts';
import { parseSeccompFlag } from '../../stage0/isolation/seccomp/flag.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { integerFlag } from './integer-flag.ts';

/** The flags that follow an image and take the place of isolators in it. */
export const ISOLATOR_FLAGS = {
  memory: {
    kind: 'string',
    value: 'BYTES',
    describe: 'the memory the app may use, such as 64Mi or 1G; beyond it the kernel kills',
  },
  cpu: {
    kind: 'string',
    value: 'CPUS',
    describe: 'the CPU time the app may use, such as 500m for half of one CPU',
  },
  'cpu-shares': {
    kind: 'string',
    value: 'N',
    describe: "the app's weight where CPUs are short, 2 … 262144; who says nothing has 1024",
  },
  'caps-retain': { kind: 'list', value: 'CAP,…', describe: 'the only capabilities the app may have' },
  'caps-remove': { kind: 'list', value: 'CAP,…', describe: 'capabilities the app may not have' },
  'cap-retain': { kind: 'list', value: 'CAP,…', describe: 'old name of --caps-retain' },
  'cap-remove': { kind: 'list', value: 'CAP,…', describe: 'old name of --caps-remove' },
  'oom-score-adj': { kind: 'string', value: 'N', describe: '-1000 (never kill) … 1000, for lack of memory' },
  seccomp: {
    kind: 'string',
    value: 'mode=MODE[,errno=E…],NAME|@SET,…',
    describe:
      'the system calls the app may make (mode=retain), or may not (mode=remove): they fail with errno',
  },
} as const satisfies Flags;

type Values = FlagValues<typeof ISOLATOR_FLAGS>;

/** The isolators that the flags ask for. */
export function isolatorsOf(values: Values): readonly Isolator[] {
  const { memory, cpu, seccomp } = values;
  return [
    ...given(memory, (text) => isolator('resource/memory', { default: false, limit: memoryLimit(text) })),
    ...given(cpu, (text) => isolator('resource/cpu', { default: false, limit: quantity(text, '--cpu') })),
    ...given(values['cpu-shares'], (text) =>
      isolator('os/linux/cpu-shares', integerFlag('cpu-shares', text, 2, 262_144)),
    ),
    ...capabilityIsolators(values),
    ...given(values['oom-score-adj'], (text) =>
      isolator('os/linux/oom-score-adj', integerFlag('oom-score-adj', text, -1000, 1000)),
    ),
    ...given(seccomp, seccompIsolator),
  ];
}

function given(text: string | undefined, make: (text: string) => Isolator): readonly Isolator[] {
  return text === undefined ? [] : [make(text)];
}

function isolator<N extends Isolator['name']>(name: N, value: Extract<Isolator, { name: N }>['value']) {
  return { name, value } as Extract<Isolator, { name: N }>;
}

/** A page: a cgroup with less holds nothing. */
const LEAST_MEMORY = 4096n;

function memoryLimit(text: string): Quantity {
  const limit = quantity(text, '--memory');
  if (quantityUnits(limit) >= LEAST_MEMORY) return limit;
  throw new DecodeError('--memory', `${JSON.stringify(text)} is too low: at least ${LEAST_MEMORY} bytes`);
}

function capabilityIsolators(values: Values): readonly Isolator[] {
  const retain = capabilities([...values['caps-retain'], ...values['cap-retain']]);
  const remove = capabilities([...values['caps-remove'], ...values['cap-remove']]);
  if (retain.length > 0 && remove.length > 0)
    throw new UsageError('--caps-retain and --caps-remove cannot be used together');
  return [
    ...(retain.length > 0 ? [isolator('os/linux/capabilities-retain-set', { set: retain })] : []),
    ...(remove.length > 0 ? [isolator('os/linux/capabilities-remove-set', { set: remove })] : []),
  ];
}

function capabilities(lists: readonly string[]): readonly string[] {
  const names = lists.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !CAPABILITIES.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`unknown capability ${JSON.stringify(unknown)}`);
  return names;
}

function seccompIsolator(text: string): Isolator {
  const { kind, ...set } = parseSeccompFlag(text);
  return isolator(kind === 'retain' ? 'os/linux/seccomp-retain-set' : 'os/linux/seccomp-remove-set', set);
}
