import { OCI_CONFIG, OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { preAuthenticationEncoding } from '../../trust/cosign/bundle.ts';
import { COSIGN_PAYLOAD_TYPE, COSIGN_SIGNATURE_ANNOTATION } from '../../trust/cosign/signature.ts';
import type { OpensslHome } from '../unit/trust/openssl.ts';
import type { TestRegistry } from './registry.ts';
import { type Document, describe, digestOf, document } from './sample-image.ts';

/** A key pair of openssl. */
export interface Signer {
  readonly openssl: OpensslHome;
  readonly keyFile: string;
}

/** Puts a signature as cosign up to version 2 makes it beside an image: the tag `sha256-HEX.sig`. */
export function signLegacy(
  registry: TestRegistry,
  repository: string,
  image: Document,
  signer: Signer,
): void {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': `${registry.host}/${repository}` },
        image: { 'docker-manifest-digest': image.digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const signature = signer.openssl.sign(signer.keyFile, payload, 'sha256').toString('base64');
  const layer = {
    ...put(registry, payload, COSIGN_PAYLOAD_TYPE),
    annotations: { [COSIGN_SIGNATURE_ANNOTATION]: signature },
  };
  const config = put(registry, Buffer.from('{}'), OCI_CONFIG);
  const manifest = document(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config,
    layers: [layer],
  });
  registry.addDocument(repository, `${image.digest.replace(':', '-')}.sig`, manifest);
}

/** Puts a signature as cosign makes it from version 3 on beside an image: a bundle that refers to it. Gives the manifest. */
export function signBundle(
  registry: TestRegistry,
  repository: string,
  image: Document,
  { openssl, keyFile }: Signer,
): Document {
  const payloadType = 'application/vnd.in-toto+json';
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: image.digest.slice('sha256:'.length) } }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    }),
  );
  const sig = openssl.sign(keyFile, preAuthenticationEncoding({ payloadType, payload }), 'sha256');
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const bundle = {
    mediaType,
    verificationMaterial: { publicKey: { hint: 'any' } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: sig.toString('base64') }],
    },
  };
  const layer = put(registry, Buffer.from(JSON.stringify(bundle)), mediaType);
  const config = put(registry, Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  const manifest = document(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: mediaType,
    config,
    layers: [layer],
    subject: describe(image),
  });
  registry.addDocument(repository, manifest.digest, manifest);
  return manifest;
}

function put(registry: TestRegistry, bytes: Buffer, mediaType: string) {
  const digest = digestOf(bytes);
  registry.blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}
