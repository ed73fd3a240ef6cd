/** A variable of an app's environment. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

export type Environment = readonly Variable[];

/** Several layers as one: the layer that comes later wins, a variable stays where it was first set. */
export function mergeEnvironments(...layers: readonly Environment[]): Environment {
  const merged = new Map<string, string>();
  for (const { name, value } of layers.flat()) merged.set(name, value);
  return [...merged].map(([name, value]) => ({ name, value }));
}

/** What an app finds that says nothing of its own; the user's variables are root's whoever the app runs as, as in rkt. */
const DEFAULTS: Environment = [
  { name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  { name: 'HOME', value: '/root' },
  { name: 'USER', value: 'root' },
  { name: 'LOGNAME', value: 'root' },
  { name: 'SHELL', value: '/bin/sh' },
];

/**
 * The `NAME=value` strings an app starts with (appc spec, "Execution Environment"); its own name, and that of what runs it, are not
 * its to choose.
 */
export function processEnvironment(appName: string, environment: Environment): readonly string[] {
  const own = [
    { name: 'AC_APP_NAME', value: appName },
    { name: 'container', value: 'tsrkt' },
  ];
  return mergeEnvironments(DEFAULTS, environment, own).map(({ name, value }) => `${name}=${value}`);
}
