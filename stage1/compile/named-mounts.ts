import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';

/** A mount of a config, and the name of its detached form in the steps of a program. */
export interface NamedMount {
  readonly name: string;
  readonly mount: Mount;
}

/** All but the root, in the order of the config. */
export function namedMounts({ mounts = [] }: RuntimeConfig): readonly NamedMount[] {
  return mounts
    .filter(({ destination }) => destination !== '/')
    .map((mount, i) => ({ name: `mount${i}`, mount }));
}

export function isBind({ type, options = [] }: Mount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind');
}
