import { acName } from './ac-name.ts';
import { boolean, type Infer, integer, object, oneOf, optional, string, union } from './decode.ts';

/**
 * The SEQPACKET socket of a mutable pod, in its directory: what `app start`, `stop` and `rm` ask of the supervisor. One message of JSON there,
 * one back, and the supervisor closes the connection. It listens from before the pod is ready until it has ended; only root and the owner of the pod
 * are heard.
 */
export const CONTROL_SOCKET = 'control';

/** What a message may have, of bytes. */
export const LARGEST_CONTROL_MESSAGE = 65_536;

export type ControlRequest = Infer<typeof controlRequest>;
export type ControlReply = Infer<typeof controlReply>;

/**
 * `start`: run the app, of which the pod's documents are read anew; answered when its first program (a pre-start handler, or the app) was
 * executed. `stop`: end it, and what it left behind, and do not start it again; answered when nothing of it runs any more, its post-stop
 * handler included. `rm`: the same, and have nothing of it any more: no cgroup, no stream.
 */
export const controlRequest = union('op', {
  start: object({ op: oneOf('start'), app: acName }),
  stop: object({ op: oneOf('stop'), app: acName }),
  rm: object({ op: oneOf('rm'), app: acName }),
});

export const controlReply = union('result', {
  /** `already`: it was so before. `status`: the exit status of an app that was stopped. */
  done: object({
    result: oneOf('done'),
    already: optional(boolean),
    status: optional(integer(0, 255)),
  }),
  /** `why` is a sentence that names the app, for people. */
  failed: object({ result: oneOf('failed'), why: string }),
});
