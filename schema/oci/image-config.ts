import { cString, nonEmpty } from '../c-string.ts';
import {
  anything,
  array,
  boolean,
  type Decoder,
  type Infer,
  integer,
  matching,
  object,
  oneOf,
  optional,
  record,
  string,
} from '../decode.ts';
import { digest } from '../digest.ts';
import { int64 } from '../integer.ts';
import { decodeJson } from '../json.ts';
import { rfc3339 } from '../rfc3339.ts';

/** An image's configuration (image-spec, config.md), with what Docker has beside it. Unknown fields are ignored. */
export type ImageConfig = Infer<typeof imageConfig>;
export type ContainerConfig = Infer<typeof containerConfig>;
export type Healthcheck = Infer<typeof healthcheck>;

/** A set, which JSON writes as an object: only its keys count. */
function setOf(key: Decoder<string>): Decoder<Readonly<Record<string, unknown>>> {
  return record(anything, key);
}

const exposedPort = matching(/^\d{1,5}(?:-\d{1,5})?(?:\/(?:tcp|udp|sctp))?$/, 'a port such as "80/tcp"');

/** Times are in nanoseconds. `Test` begins with NONE, CMD or CMD-SHELL; without it, the base image's counts. */
const healthcheck = object({
  Test: optional(array(cString)),
  Interval: optional(int64),
  Timeout: optional(int64),
  StartPeriod: optional(int64),
  StartInterval: optional(int64),
  Retries: optional(integer(0)),
});

const containerConfig = object({
  User: optional(cString),
  ExposedPorts: optional(setOf(exposedPort)),
  Env: optional(array(cString)),
  Entrypoint: optional(array(cString)),
  Cmd: optional(array(cString)),
  Volumes: optional(setOf(nonEmpty)),
  WorkingDir: optional(cString),
  Labels: optional(record(string)),
  StopSignal: optional(cString),
  Healthcheck: optional(healthcheck),
  ArgsEscaped: optional(boolean),
});

/** Tools that have no date leave it empty. */
const created: Decoder<string | undefined> = (value, at) => (value === '' ? undefined : rfc3339(value, at));

const history = object({
  created: optional(created),
  created_by: optional(string),
  author: optional(string),
  comment: optional(string),
  empty_layer: optional(boolean),
});

/** `diff_ids` are the digests of the uncompressed layers, lowest first. */
const imageConfig = object({
  created: optional(created),
  author: optional(string),
  architecture: cString,
  os: cString,
  'os.version': optional(cString),
  'os.features': optional(array(cString)),
  variant: optional(cString),
  config: optional(containerConfig),
  rootfs: object({ type: oneOf('layers'), diff_ids: array(digest) }),
  history: optional(array(history)),
});

/** Reads an image's configuration, at most 8 MiB of it. Throws DecodeError. */
export function parseImageConfig(bytes: string | Uint8Array): ImageConfig {
  return decodeJson(bytes, imageConfig, { what: 'image configuration', maxBytes: 8 * 1024 * 1024 });
}
