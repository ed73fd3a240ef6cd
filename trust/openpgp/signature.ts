import { loadOpenpgp, type Openpgp, type SignaturePacket } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';
import { armorBlocks, isBinaryOpenpgp } from './armor.ts';

/** Caps against endless signature data (CVE-2023-46737, CVE-2024-29902). */
export const MAX_SIGNATURE_FILE_BYTES = 1024 * 1024;
export const MAX_SIGNATURES = 32;
const MAX_PACKET_BYTES = 64 * 1024;

/** One detached OpenPGP signature: what it claims, nothing of it verified yet. */
export interface DetachedSignature {
  /** The signature packet alone, binary; it can be kept and parsed again. */
  readonly bytes: Uint8Array;
  readonly version: number;
  /** RFC 9580 §5.2.1; 0x00 signs bytes, 0x01 text with line ends changed. */
  readonly type: number;
  /** The name node:crypto has for it, or the library's name of one we refuse. */
  readonly hash: string;
  /** Hex. The fingerprint (subpacket 33) names the key exactly, the 64-bit key ID does not. */
  readonly issuer: { readonly fingerprint?: string; readonly keyId: string };
  readonly created: Date;
  /** What is hashed before the data (the salt of v6) and after it (RFC 9580 §5.2.4). */
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** Reads an `.asc` or `.sig` file: armored or binary, several packets in one block, several blocks in one file. */
export async function parseSignatures(
  bytes: Uint8Array,
  what: string,
): Promise<readonly DetachedSignature[]> {
  if (bytes.length > MAX_SIGNATURE_FILE_BYTES)
    throw new TrustError(
      'ERR_SIGNATURE_TOO_LARGE',
      `read ${what}: larger than ${MAX_SIGNATURE_FILE_BYTES} bytes`,
    );
  const openpgp = await loadOpenpgp();
  const packets = await readPackets(openpgp, bytes, what);
  if (packets.length === 0)
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read ${what}: no OpenPGP signature in it`);
  if (packets.length > MAX_SIGNATURES)
    throw new TrustError('ERR_SIGNATURE_TOO_MANY', `read ${what}: more than ${MAX_SIGNATURES} signatures`);
  const known = packets.filter((packet) => 'signatureType' in packet);
  if (known.length === 0)
    throw new TrustError('ERR_SIGNATURE_UNSUPPORTED', `read ${what}: no signature of a version known here`);
  return known.map((packet) => detachedSignature(openpgp, packet, what));
}

/** The library's own packet of a signature; each call a new one, for verifying changes it. */
export async function signaturePacket(signature: Uint8Array): Promise<SignaturePacket> {
  const openpgp = await loadOpenpgp();
  const [packet] = await readPackets(openpgp, signature, 'signature');
  if (packet === undefined) throw new TrustError('ERR_SIGNATURE_FORMAT', 'read signature: empty');
  return packet;
}

async function readPackets(
  { library, config }: Openpgp,
  bytes: Uint8Array,
  what: string,
): Promise<readonly SignaturePacket[]> {
  try {
    if (isBinaryOpenpgp(bytes)) {
      const { packets } = await library.readSignature({ binarySignature: bytes, config });
      return [...packets];
    }
    const all: SignaturePacket[] = [];
    for (const { text } of armorBlocks(bytes))
      all.push(...(await library.readSignature({ armoredSignature: text, config })).packets);
    return all;
  } catch (error) {
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read ${what}: ${(error as Error).message}`);
  }
}

function detachedSignature(openpgp: Openpgp, packet: SignaturePacket, what: string): DetachedSignature {
  const bytes = packetBytes(openpgp, packet);
  if (bytes.length > MAX_PACKET_BYTES)
    throw new TrustError('ERR_SIGNATURE_TOO_LARGE', `read ${what}: a signature packet is larger than 64 KiB`);
  const { signatureData, created, issuerFingerprint } = packet;
  if (signatureData === null || created === null)
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read ${what}: a signature without creation time`);
  const keyId = packet.issuerKeyID.toHex();
  return {
    bytes,
    version: Number(packet.version),
    type: Number(packet.signatureType),
    hash: hashName(openpgp, Number(packet.hashAlgorithm)),
    issuer: issuerFingerprint === null ? { keyId } : { fingerprint: hex(issuerFingerprint), keyId },
    created,
    prefix: (packet as { salt?: Uint8Array | null }).salt ?? new Uint8Array(),
    suffix: hashSuffix(packet.version, signatureData),
  };
}

function packetBytes({ library }: Openpgp, packet: SignaturePacket): Uint8Array {
  const list = new library.PacketList<SignaturePacket>();
  list.push(packet);
  return list.write();
}

/** The packet's hashed part, then version, 0xFF and the length of that part (RFC 9580 §5.2.4; v4 and v6 are alike). */
function hashSuffix(version: number, hashedPart: Uint8Array): Uint8Array {
  const trailer = Buffer.of(version, 0xff, 0, 0, 0, 0);
  trailer.writeUInt32BE(hashedPart.length, 2);
  return Buffer.concat([hashedPart, trailer]);
}

/** `sha256`, `sha3_256` … as node:crypto spells them. */
function hashName({ library }: Openpgp, id: number): string {
  const names = library.enums.hash as unknown as Readonly<Record<string, number>>;
  const known = Object.entries(names).find(([, value]) => value === id)?.[0];
  return known?.replace('_', '-') ?? `number ${id}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
