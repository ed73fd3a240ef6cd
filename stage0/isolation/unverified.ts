import { type Isolator, isolatorValue } from '../../schema/isolator.ts';
import { DEFAULT_CAPABILITIES } from '../runtime-config/capabilities.ts';

/**
 * What an image may say of its own isolation when nobody vouches for it: less than the default, never more. A user who
 * wants to give it more says so by flag. The sentences say what was not taken.
 */
export function narrowedIsolators(isolators: readonly Isolator[]): {
  readonly isolators: readonly Isolator[];
  readonly warnings: readonly string[];
} {
  const extra = extraCapabilities(isolators);
  const filters = isolators.filter(({ name }) => name.startsWith('os/linux/seccomp-'));
  return {
    isolators: isolators.filter((each) => !filters.includes(each)).map((each) => withoutExtra(each, extra)),
    warnings: [
      ...(extra.length > 0
        ? [`asks for ${extra.join(', ')}, which an unverified image does not get: --caps-retain gives it`]
        : []),
      ...(filters.length > 0
        ? [
            'has a system call filter of its own, which is not taken from an unverified image: --seccomp gives it',
          ]
        : []),
    ],
  };
}

function extraCapabilities(isolators: readonly Isolator[]): readonly string[] {
  const retain = isolatorValue(isolators, 'os/linux/capabilities-retain-set');
  return (retain?.set ?? []).filter((name) => !DEFAULT_CAPABILITIES.includes(name));
}

/** A set may not be empty: of one that is nothing but extra, all of the default is removed instead. */
function withoutExtra(isolator: Isolator, extra: readonly string[]): Isolator {
  if (isolator.name !== 'os/linux/capabilities-retain-set' || extra.length === 0) return isolator;
  const set = isolator.value.set.filter((name) => !extra.includes(name));
  if (set.length > 0) return { ...isolator, value: { set } };
  return { name: 'os/linux/capabilities-remove-set', value: { set: DEFAULT_CAPABILITIES } } as Isolator;
}
