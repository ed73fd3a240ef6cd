import { cString, nonEmpty } from './c-string.ts';
import { array, boolean, type Infer, object, optional, record, refine, string } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';
import { hooks } from './runtime/hook.ts';
import { linux } from './runtime/linux.ts';
import { mount } from './runtime/mount.ts';
import { runtimeProcess } from './runtime/process.ts';
import { semVer } from './semver.ts';

export type { Hook, Hooks } from './runtime/hook.ts';
export type { IdMapping } from './runtime/id-mapping.ts';
export type { Device, Linux, Namespace, NamespaceType } from './runtime/linux.ts';
export type { Mount } from './runtime/mount.ts';
export type { Capabilities, Process, Rlimit, User } from './runtime/process.ts';
export type { Resources } from './runtime/resources.ts';
export type { Seccomp, SeccompArg, SeccompSyscall } from './runtime/seccomp.ts';

/**
 * A container's config.json for Linux (OCI runtime-spec 1.3, config.md and config-linux.md; older 1.x configs are valid too).
 * Unknown fields are ignored, as "extensibility" demands; 64-bit numbers are bigint: write it with `formatJson`.
 */
export type RuntimeConfig = Infer<typeof runtimeConfig>;
export type Root = Infer<typeof root>;

/** Versions within a major are compatible; those before 1.0 are read as 1.0, as runc does. */
const ociVersion = refine(semVer, (version, at): string => {
  if (!/^[01]\./.test(version))
    throw new DecodeError(at, `expected version 1.x of the runtime specification, got ${show(version)}`);
  return version;
});

const root = object({ path: nonEmpty, readonly: optional(boolean) });

export const runtimeConfig = object({
  ociVersion,
  process: optional(runtimeProcess),
  root: optional(root),
  hostname: optional(cString),
  domainname: optional(cString),
  mounts: optional(array(mount)),
  hooks: optional(hooks),
  annotations: optional(record(string, nonEmpty)),
  linux: optional(linux),
});
