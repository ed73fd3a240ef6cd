import { createInterface } from 'node:readline';
import { parseDigest } from '../../../schema/digest.ts';
import { formatJson } from '../../../schema/format-json.ts';
import { decodeJson } from '../../../schema/json.ts';
import { expectedCode } from '../error.ts';
import { unpackBlob } from './unpack-blob.ts';
import { BLOB_FD, lowerLayers, unpackRequest } from './unpack-process.ts';

/** The other side of `unpackInProcess`: reads a request from stdin, unpacks the blob that is fd 3, and tells what came of it. */
export async function answerUnpackRequest(
  input: NodeJS.ReadableStream,
  say: (line: string) => void,
): Promise<void> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? '';
  const tell = (answer: object) => say(`${formatJson(answer)}\n`);
  try {
    const { mediaType, diffId, path } = decodeJson(await next(), unpackRequest, { what: 'request' });
    const lower = async () => {
      tell({ kind: 'needs-lower' });
      return decodeJson(await next(), lowerLayers, { what: 'lower layers' });
    };
    const blob = { fd: BLOB_FD, mediaType, diffId: parseDigest(diffId), lower };
    tell({ kind: 'unpacked', layer: await unpackBlob(blob, path) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', message, code: expectedCode(error) });
  }
}
