import { absolutePath, cString } from '../c-string.ts';
import { array, type Infer, integer, object, optional } from '../decode.ts';

export type Hook = Infer<typeof hook>;
export type Hooks = Infer<typeof hooks>;

/** `timeout` is in seconds. */
const hook = object({
  path: absolutePath,
  args: optional(array(cString)),
  env: optional(array(cString)),
  timeout: optional(integer(1)),
});

/** Programs to run at points of a container's life (config.md, POSIX-platform hooks). `prestart` is deprecated. */
export const hooks = object({
  prestart: optional(array(hook)),
  createRuntime: optional(array(hook)),
  createContainer: optional(array(hook)),
  startContainer: optional(array(hook)),
  poststart: optional(array(hook)),
  poststop: optional(array(hook)),
});
