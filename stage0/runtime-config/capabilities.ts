import { CAPABILITIES } from '../../linux/capability.ts';
import type { Capabilities } from '../../schema/runtime-config.ts';

/** Which capabilities an app asks for: the default set, exactly these, or the default without these. */
export type CapabilityChoice =
  | { readonly kind: 'default' }
  | { readonly kind: 'retain'; readonly set: readonly string[] }
  | { readonly kind: 'remove'; readonly set: readonly string[] }
  | { readonly kind: 'all' };

/** appc spec, "os/linux/capabilities-remove-set": what an app has that says nothing. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/**
 * The capability sets of an app. Root has all that the bounding set leaves. Any other user starts without, as after
 * setuid(2), unless capabilities are retained by name: those it gets as ambient, which rkt could not give.
 */
export function capabilitySets(
  choice: CapabilityChoice,
  uid: number,
  available: readonly string[],
): Capabilities {
  const bounding = boundingSet(choice, available);
  if (uid === 0) return { bounding, effective: bounding, permitted: bounding, inheritable: [], ambient: [] };
  const held = choice.kind === 'retain' ? bounding : [];
  return { bounding, effective: held, permitted: held, inheritable: held, ambient: held };
}

/** What no program of the app can have more than: of what it asks for that which we have ourselves, `available`. */
export function boundingSet(choice: CapabilityChoice, available: readonly string[]): readonly string[] {
  return wantedSet(choice).filter((name) => available.includes(name));
}

/** A sentence for each capability that an app should have, and that we do not have ourselves. */
export function missingCapabilities(
  app: string,
  choice: CapabilityChoice,
  available: readonly string[],
): readonly string[] {
  if (choice.kind === 'all') return [];
  const missing = wantedSet(choice).filter((name) => !available.includes(name));
  return missing.map(
    (name) => `app ${JSON.stringify(app)}: it cannot have ${name}, which tsrkt itself lacks`,
  );
}

function wantedSet(choice: CapabilityChoice): readonly string[] {
  switch (choice.kind) {
    case 'default':
      return DEFAULT_CAPABILITIES;
    case 'all':
      return CAPABILITIES;
    case 'retain':
      return [...new Set(choice.set)];
    case 'remove':
      return DEFAULT_CAPABILITIES.filter((name) => !choice.set.includes(name));
  }
}
