import { loadOpenpgp, MAX_MESSAGE_BYTES, type Openpgp } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';

/** An OpenPGP message as the library has it. */
export type Message = Awaited<ReturnType<Openpgp['library']['readMessage']>>;

/** Reads a binary OpenPGP message; nothing of it is verified. Throws TrustError. */
export async function readSignedMessage(binaryMessage: Uint8Array): Promise<Message> {
  if (binaryMessage.length > MAX_MESSAGE_BYTES)
    throw new TrustError('ERR_SIGNATURE_TOO_LARGE', 'read signed message: larger than 64 KiB');
  const { library, config } = await loadOpenpgp();
  try {
    return await library.readMessage({ binaryMessage, config });
  } catch (error) {
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read signed message: ${(error as Error).message}`);
  }
}

/** What a message says, whoever signed it: to be believed only after `verifySignedMessage`. Throws TrustError. */
export async function literalData(binaryMessage: Uint8Array): Promise<Uint8Array> {
  const data = (await readSignedMessage(binaryMessage)).getLiteralData();
  if (data === null) throw new TrustError('ERR_SIGNATURE_FORMAT', 'read signed message: no data in it');
  return data;
}
