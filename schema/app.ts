import { acName } from './ac-name.ts';
import { absolutePath, cString, nonEmpty } from './c-string.ts';
import {
  array,
  boolean,
  type Decoder,
  defaulted,
  type Infer,
  matching,
  object,
  oneOf,
  optional,
  record,
  string,
  uniqueArray,
} from './decode.ts';
import { uint32 } from './integer.ts';
import { isolators } from './isolator.ts';
import { port } from './port.ts';

/** How an image's app runs (appc spec, aci.md, app). */
export type App = Infer<typeof app>;
export type EventHandler = Infer<typeof eventHandler>;
export type EnvironmentVariable = Infer<typeof environmentVariable>;
export type MountPoint = Infer<typeof mountPoint>;

const exec = array(cString);

const eventHandler = object({ name: oneOf('pre-start', 'post-stop'), exec: defaulted(exec, []) });

const environmentVariable = object({
  name: matching(
    /^[A-Za-z_][A-Za-z_0-9.-]*$/,
    'the name of an environment variable (letters, digits, "_", ".", "-")',
  ),
  value: cString,
});

const mountPoint = object({ name: acName, path: absolutePath, readOnly: optional(boolean) });

/** Anything, for the end user: it has no effect. */
export const userData: Decoder<Readonly<Record<string, string>>> = record(string);

/** `exec` may be empty: then the user has to say what to run. An empty `workingDirectory` means none. */
export const app = object({
  exec: defaulted(exec, []),
  eventHandlers: optional(uniqueArray(eventHandler, (each) => each.name, 'name')),
  user: nonEmpty,
  group: nonEmpty,
  supplementaryGIDs: optional(array(uint32)),
  workingDirectory: optional(matching(/^(?:\/[^\0]*)?$/, 'an absolute path')),
  environment: optional(uniqueArray(environmentVariable, (each) => each.name, 'name')),
  mountPoints: optional(array(mountPoint)),
  ports: optional(array(port)),
  isolators: optional(isolators),
  userAnnotations: optional(userData),
  userLabels: optional(userData),
});
