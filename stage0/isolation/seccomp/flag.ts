import type { SeccompChoice } from './config.ts';

/** A `--seccomp` that cannot be understood. */
export class SeccompFlagError extends Error {
  readonly code = 'ERR_SECCOMP_FLAG';
  readonly hint = 'for example --seccomp=mode=remove,errno=ENOSYS,mount,@systemd/clock';
}

type GivenSet = Extract<SeccompChoice, { readonly kind: 'retain' | 'remove' }>;

/** `mode=retain|remove[,errno=EXXX],NAME|@SET,…`: the value of `--seccomp`, which stands in for an image's isolator. */
export function parseSeccompFlag(text: string): GivenSet {
  const items = text.split(',').map((item) => item.trim());
  const settings = items.filter((item) => item.includes('=')).map(splitSetting);
  const set = items.filter((item) => item !== '' && !item.includes('='));
  const mode = last(settings, 'mode');
  const errno = last(settings, 'errno');
  const stray = settings.find(([key]) => key !== 'mode' && key !== 'errno');
  if (stray) throw new SeccompFlagError(`--seccomp: there is no setting ${JSON.stringify(stray[0])}`);
  if (mode !== 'retain' && mode !== 'remove')
    throw new SeccompFlagError(`--seccomp: expected mode=retain or mode=remove in ${JSON.stringify(text)}`);
  if (set.length === 0) throw new SeccompFlagError('--seccomp: the set cannot be empty');
  return { kind: mode, set, ...(errno === undefined ? {} : { errno }) };
}

type Setting = readonly [key: string, value: string];

function splitSetting(item: string): Setting {
  const equals = item.indexOf('=');
  return [item.slice(0, equals), item.slice(equals + 1)];
}

function last(settings: readonly Setting[], wanted: string): string | undefined {
  return settings.findLast(([key]) => key === wanted)?.[1];
}
