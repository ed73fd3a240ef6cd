import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { array, boolean, integer, object, oneOf, optional, string, union } from '../../../schema/decode.ts';
import { formatJson } from '../../../schema/format-json.ts';
import { decodeJson } from '../../../schema/json.ts';
import type { UnpackedLayer } from '../../oci/layer.ts';
import type { LayerBlob } from './unpack-blob.ts';

/** What a process is asked: to unpack the blob that is its fd 3. */
export const unpackRequest = object({ mediaType: string, diffId: string, path: string });

/** The answer to `needs-lower`. */
export const lowerLayers = array(string);

const unpacked = object({
  entries: integer(0),
  bytes: integer(0),
  describesRoot: boolean,
  usesLower: boolean,
});

/** What it says, one line of JSON each. */
const unpackAnswer = union('kind', {
  'needs-lower': object({ kind: oneOf('needs-lower') }),
  unpacked: object({ kind: oneOf('unpacked'), layer: unpacked }),
  failed: object({ kind: oneOf('failed'), message: string, code: optional(string) }),
});

/** A command that answers as `answerUnpackRequest` does: this very program. */
export type UnpackCommand = readonly [program: string, ...args: string[]];

/** The blob's fd in the process. */
export const BLOB_FD = 3;

/**
 * Unpacks a layer in a process of its own, so that several are unpacked at once, and what is hostile has a process to itself:
 * it can use up no memory but its own.
 */
export async function unpackInProcess(
  [program, ...args]: UnpackCommand,
  { fd, mediaType, diffId, lower }: LayerBlob,
  path: string,
): Promise<UnpackedLayer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore', fd] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new TypeError('a process without pipes');
  const lines = createInterface({ input: stdout });
  stdin.on('error', () => undefined); // it may end without reading
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
      lines.close(); // there will be no end of output
    });
    child.once('close', (status, signal) => resolve(`it ended with ${signal ?? `status ${status}`}`));
  });
  const say = (message: unknown) => stdin.write(`${formatJson(message)}\n`);
  say({ mediaType, diffId, path });
  try {
    for await (const line of lines) {
      const answer = decodeJson(line, unpackAnswer, { what: 'answer of the process that unpacks a layer' });
      if (answer.kind === 'needs-lower') say(await lower());
      else if (answer.kind === 'unpacked') return answer.layer;
      else throw failure(answer.message, answer.code);
    }
  } finally {
    stdin.end();
    if (child.exitCode === null) child.kill('SIGKILL');
    await ended;
  }
  throw failure(`unpack layer ${diffId}: ${await ended}`, 'ERR_UNPACK_PROCESS');
}

/** Without a code it is a bug there, and so one here. */
function failure(message: string, code: string | undefined): Error {
  return code === undefined ? new Error(message) : new LayerProcessError(message, code);
}

/** What a process that unpacks a layer said of it. */
class LayerProcessError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = 'LayerProcessError';
    this.code = code;
  }
}
