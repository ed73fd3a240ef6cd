import { acIdentifier } from './ac-identifier.ts';
import { nonEmpty } from './c-string.ts';
import {
  array,
  boolean,
  type Decoder,
  defaulted,
  type Infer,
  integer,
  matching,
  object,
  optional,
  refine,
} from './decode.ts';
import { DecodeError, item, member, show } from './decode-error.ts';
import { quantity } from './quantity.ts';
import { sysctl } from './sysctl.ts';

/** A resource's bounds: `request` is what is reserved, `limit` what cannot be exceeded. */
export type Resource = Infer<typeof guaranteed>;
export type CapabilitySet = Infer<typeof capabilitySet>;
export type SeccompSet = Infer<typeof seccompSet>;
export type SelinuxContext = Infer<typeof selinuxContext>;
export type IsolatorName = keyof typeof values;

export type IsolatorValue<N extends IsolatorName> = Infer<(typeof values)[N]>;

/** An isolator of the appc spec (ace.md, isolators); `name` says what `value` is. */
export type Isolator = {
  [N in IsolatorName]: { readonly name: N; readonly value: IsolatorValue<N> };
}[IsolatorName];

const resource = { request: optional(quantity), limit: optional(quantity) };

/** CPU and memory are given to one app: they cannot be a default for what an app does not say. */
const guaranteed = object({ default: defaulted(only(false), false), ...resource });

/** Bandwidth and IOPS are bounds for every device or interface, without a reservation. */
const bounded = refine(object({ default: only(true), ...resource }), (value, at) => {
  if (value.request !== undefined)
    throw new DecodeError(member(at, 'request'), 'not supported by this resource');
  return value;
});

const set = refine(array(nonEmpty), (names, at) => {
  if (names.length === 0) throw new DecodeError(at, 'the set cannot be empty');
  return names;
});

const capabilitySet = object({ set });

/** A name in `set` that begins with `@` stands for several system calls. Without `errno` the app is killed. */
const seccompSet = object({
  set,
  errno: optional(matching(/^(?:E[A-Z0-9]+)?$/, 'the name of an errno such as "EPERM"')),
});

const contextPart = matching(/^[^:\0]+$/, 'a part of an SELinux context, without ":"');
const selinuxContext = object({ user: contextPart, role: contextPart, type: contextPart, level: nonEmpty });

const values = {
  'resource/block-bandwidth': bounded,
  'resource/block-iops': bounded,
  'resource/cpu': guaranteed,
  'resource/memory': guaranteed,
  'resource/network-bandwidth': bounded,
  'os/unix/sysctl': sysctl,
  'os/linux/capabilities-remove-set': capabilitySet,
  'os/linux/capabilities-retain-set': capabilitySet,
  'os/linux/no-new-privileges': boolean,
  'os/linux/oom-score-adj': integer(-1000, 1000),
  'os/linux/cpu-shares': integer(2, 262_144),
  'os/linux/seccomp-remove-set': seccompSet,
  'os/linux/seccomp-retain-set': seccompSet,
  'os/linux/selinux-context': selinuxContext,
  'os/linux/apparmor-profile': object({ profile: nonEmpty }),
} as const;

/** Those that a list can hold only once. Of the others, which one counts is said where they are applied. */
const single: ReadonlySet<string> = new Set<IsolatorName>([
  'os/unix/sysctl',
  'os/linux/oom-score-adj',
  'os/linux/cpu-shares',
  'os/linux/seccomp-remove-set',
  'os/linux/seccomp-retain-set',
  'os/linux/selinux-context',
  'os/linux/apparmor-profile',
]);

const named = object({ name: acIdentifier });

const isolator: Decoder<Isolator> = (from, at = '') => {
  const name: string = named(from, at).name;
  if (!isIsolatorName(name)) throw new DecodeError(member(at, 'name'), `invalid isolator ${show(name)}`);
  const decoder: Decoder<unknown> = values[name];
  return { name, value: object({ value: decoder })(from, at).value } as Isolator;
};

function isIsolatorName(name: string): name is IsolatorName {
  return Object.hasOwn(values, name);
}

/** The isolators of an app or a pod. */
export const isolators: Decoder<readonly Isolator[]> = refine(array(isolator), (list, at) => {
  const before = new Set<string>();
  for (const [index, { name }] of list.entries()) {
    const place = member(item(at, index), 'name');
    if (single.has(name) && before.has(name)) throw new DecodeError(place, `${show(name)} is given twice`);
    const other = conflict(name);
    if (other && before.has(other))
      throw new DecodeError(place, `${show(name)} cannot be used together with ${show(other)}`);
    before.add(name);
  }
  return list;
});

function conflict(name: IsolatorName): IsolatorName | undefined {
  if (name === 'os/linux/seccomp-remove-set') return 'os/linux/seccomp-retain-set';
  if (name === 'os/linux/seccomp-retain-set') return 'os/linux/seccomp-remove-set';
  return undefined;
}

/** The value of the last isolator called `name`: appc's rule where several are allowed. */
export function isolatorValue<N extends IsolatorName>(
  list: readonly Isolator[],
  name: N,
): IsolatorValue<N> | undefined {
  return list.findLast((each) => each.name === name)?.value as IsolatorValue<N> | undefined;
}

function only<const T extends boolean>(wanted: T): Decoder<T> {
  return refine(boolean, (value, at) => {
    if (value !== wanted) throw new DecodeError(at, `must be ${wanted} for this resource`);
    return wanted;
  });
}
