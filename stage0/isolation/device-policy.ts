import type { Resources } from '../../schema/runtime-config.ts';

type DeviceRules = NonNullable<Resources['devices']>;

/** A device of the host that an app is given as a volume. */
export interface GivenDevice {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly readOnly: boolean;
}

/** The devices an app may open: none but these, and those stage1 gives every app (runtime-spec, "Default Devices"). */
export function devicePolicy(given: readonly GivenDevice[]): DeviceRules {
  const allowed = given.map(({ readOnly, ...device }) => ({
    allow: true,
    ...device,
    access: readOnly ? 'r' : 'rw',
  }));
  return [{ allow: false, access: 'rwm' }, ...allowed];
}
