import type { AppcIdentity } from '../../trust/appc-identity.ts';
import type { DecisionRecord } from '../../trust/decision-record.ts';
import type { Trust } from '../../trust/evaluate.ts';
import type { HttpOptions } from '../http.ts';
import type { HostPlatform } from '../reference/appc.ts';
import type { StoredImage } from '../store/image.ts';
import type { UnpackCommand } from '../store/oci/unpack-process.ts';
import type { KeyDiscovery } from './offer-keys.ts';

/** When to look for an image elsewhere than in the store: if it is not there, never, or always. */
export type PullPolicy = 'new' | 'never' | 'update';

/** How images are fetched. Commands decide all of it. */
export interface FetchOptions {
  readonly host: HostPlatform;
  readonly pullPolicy: PullPolicy;
  /** `--insecure-options=image`: signatures are not asked for, and images nobody vouches for are taken. */
  readonly insecureImage: boolean;
  /** Whom this machine trusts; throws where a policy cannot be read. */
  readonly trust: () => Trust;
  readonly http: HttpOptions;
  /** Undefined: no keys are looked for. */
  readonly keyDiscovery: KeyDiscovery | undefined;
  readonly registries: RegistryOptions;
  /** What unpacks a layer in a process of its own; undefined: this process unpacks them all. */
  readonly unpackCommand?: UnpackCommand | undefined;
  readonly notes: FetchNotes;
}

/** Where it stands how registries are talked to. */
export interface RegistryOptions {
  /** The system's, the local and the user's, for `auth.d` and `registries.d/*.json`. */
  readonly configDirectories: readonly string[];
  /** `registries.d/*.yaml` of containers-registries.d(5): where signatures are; and where they are otherwise. */
  readonly lookasideDirectory: string;
  readonly defaultLookaside: URL;
  /** For credentials that other tools keep. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a command is told meanwhile. The text may hold anything: make it safe before it is printed. */
export interface FetchNotes {
  /** For people. */
  notice(text: string): void;
  /** For people who asked for more. */
  detail(text: string): void;
  warning(text: string): void;
  /** Bytes that have come of so many. */
  progress(what: string, done: number, total: number | undefined): void;
}

/** What somebody asks for: a reference, perhaps with the file that holds its signatures. */
export interface ImageRequest {
  readonly reference: string;
  readonly signatureFile?: string | undefined;
}

/** An image in the store, and why it is let in today. */
export interface FetchedImage extends StoredImage {
  readonly decision: DecisionRecord;
}

/** What a name stands for: the manifest has to agree. */
export interface WantedImage extends ImageRequest {
  readonly identity?: AppcIdentity | undefined;
}
