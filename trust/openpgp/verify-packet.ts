import { type Key, loadOpenpgp, type Openpgp, type SignaturePacket } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';
import { signaturePacket } from './signature.ts';

interface Question {
  /** One signature packet, binary. */
  readonly signature: Uint8Array;
  readonly key: Key;
  readonly now: Date;
}

type Message = Awaited<ReturnType<typeof createMessage>>;

/**
 * Gives the library the digest of what was signed instead of the data: three times as fast, and one pass serves several
 * signatures. Rejects with the library's reason if the signature is bad. `hashed` is not in the library's documented
 * interface, so this answers false, and nothing is known, if this version of it did not look at the digest.
 */
export async function verifyByDigest(question: Question, digest: Uint8Array): Promise<boolean> {
  const openpgp = await loadOpenpgp();
  const packet = await signaturePacket(question.signature);
  let isConsulted = false;
  Object.defineProperty(packet, 'hashed', {
    get() {
      isConsulted = true;
      return Promise.resolve(digest);
    },
  });
  try {
    await verify(openpgp, await createMessage(openpgp, new Uint8Array()), packet, question);
  } catch (error) {
    if (isConsulted || !isMismatch(error)) throw error;
  }
  return isConsulted;
}

/** What a library that ignored the digest would say of the empty message it was given. */
function isMismatch(error: unknown): boolean {
  return /digest did not match|verification failed/.test((error as Error).message);
}

/** Verifies the documented way, reading all the data; rejects with the library's reason if the signature is bad. */
export async function verifyByStream(
  question: Question,
  reopen: (() => AsyncIterable<Uint8Array>) | undefined,
): Promise<void> {
  if (reopen === undefined)
    throw new TrustError(
      'ERR_OPENPGP_LIBRARY',
      'verify a signature by its digest: this version of the openpgp library does not support it',
    );
  const openpgp = await loadOpenpgp();
  const packet = await signaturePacket(question.signature);
  await verify(openpgp, await createMessage(openpgp, ReadableStream.from(reopen())), packet, question);
}

function createMessage({ library }: Openpgp, binary: Uint8Array | ReadableStream<Uint8Array>) {
  return library.createMessage({ binary });
}

async function verify(
  { library, config }: Openpgp,
  message: Message,
  packet: SignaturePacket,
  { key, now }: Question,
): Promise<void> {
  const packets = new library.PacketList<SignaturePacket>();
  packets.push(packet);
  const { data, signatures } = await library.verify({
    message,
    signature: new library.Signature(packets),
    verificationKeys: key,
    date: now,
    format: 'binary',
    config,
  });
  if ('getReader' in data) await drain(data);
  const [result] = signatures;
  if (result === undefined || signatures.length !== 1) throw new Error('the library checked no signature');
  await result.verified;
}

/** The library hashes a stream as it is read, and so late that `for await` finds it locked. */
async function drain(stream: {
  getReader(): { read(): Promise<{ readonly done: boolean }> };
}): Promise<void> {
  const reader = stream.getReader();
  while (!(await reader.read()).done);
}
