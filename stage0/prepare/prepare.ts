import { join } from 'node:path';
import type { FetchOptions, ImageRequest } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import type { Store } from '../../image/store/layout.ts';
import { imageRootfs, type Rootfs } from '../../image/store/rootfs.ts';
import { syncStore } from '../../image/store/unsynced.ts';
import { openStore } from '../../image/store.ts';
import { lock } from '../../linux/lock.ts';
import type { AcName } from '../../schema/ac-name.ts';
import type { AppMount, ExposedPort, PodManifest } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import type { Volume } from '../../schema/volume.ts';
import { createPod } from '../pod/create.ts';
import { makePodDirectories } from '../pod/directory.ts';
import type { Pod } from '../pod/open.ts';
import { discardPod } from '../remove.ts';
import type { Stage1Choice } from '../stage1/choice.ts';
import { type FetchedStage1, fetchStage1 } from '../stage1/fetch.ts';
import { type Stage1OfPod, unpackStage1, writeStage1 } from '../stage1/of-pod.ts';
import { type AppTrust, whyUnverified } from '../trust/app-trust.ts';
import { type Candidate, refuseDowngrades } from '../trust/rollback.ts';
import { givePrivateUsers } from '../user-namespace/give-private-users.ts';
import type { PrivateUsers } from '../user-namespace/private-users.ts';
import { refusedIsolators } from './app-section.ts';
import { makePodManifest, type PodNotes } from './pod-manifest.ts';
import type { AppRequest, ImageOfPod, PodEnvironment } from './request.ts';
import { type AppImage, writePod } from './write-pod.ts';

/** A pod to be made of images. */
export interface PrepareRequest {
  readonly dataDirectory: string;
  readonly images: readonly WantedImage[];
  /** A pod manifest that somebody wrote; `images` are those of its apps. */
  readonly given?: PodManifest | undefined;
  /** The pod is changed while it runs, and what is said of it as a whole. */
  readonly mutable?: PodNotes | undefined;
  readonly environment: PodEnvironment;
  readonly ports: readonly ExposedPort[];
  readonly volumes: readonly Volume[];
  /** Of all apps. */
  readonly mounts: readonly AppMount[];
  readonly overlay: boolean;
  /** Whether the pod gets ids of the host that are nobody else's. */
  readonly privateUsers: boolean;
  /** Whether it has to outlive a crash of the machine. */
  readonly durable: boolean;
  readonly fetch: FetchOptions;
  /** What is to run the pod. */
  readonly stage1: Stage1Choice;
  /** Whether an image may be older than the newest of its name that ever ran. */
  readonly allowDowngrade: boolean;
  /** Called as soon as the pod is in the data directory. */
  readonly onCreated: (uuid: Uuid) => void;
  readonly onWarning: (warning: string) => void;
}

export interface WantedImage extends ImageRequest {
  readonly request: AppRequest;
}

/** A pod in `prepare`, locked by us. */
export interface PreparedPod {
  readonly pod: Pod;
  readonly manifest: PodManifest;
  readonly images: readonly AppImage[];
  /** Undefined: the one that came with tsrkt. */
  readonly stage1: Stage1OfPod | undefined;
}

/** Fetches the images, then makes a pod of them. What the images say is checked before anything is written. */
export async function preparePod(request: PrepareRequest): Promise<PreparedPod> {
  const store = openStore(request.dataDirectory);
  const images = await fetchImages(store, request);
  const fetchedStage1 = await fetchStage1(store, request.stage1, request.fetch);
  if (!request.allowDowngrade)
    refuseDowngrades(request.dataDirectory, [...images, ...candidates(fetchedStage1)]);
  const manifest = makePodManifest(images, request);
  for (const warning of images.flatMap(refusedIsolators)) request.onWarning(warning);
  using _trees = keepTrees(request.dataDirectory);
  if (request.durable) syncStore(store);
  const trees = await Promise.all(images.map(({ id }) => imageRootfs(store, id)));
  const stage1 = await unpackStage1(store, fetchedStage1);
  const appImages = manifest.apps.flatMap(({ name }, index) => appImage(name, images[index], trees[index]));
  const pod = createPod(request.dataDirectory);
  try {
    request.onCreated(pod.uuid);
    writeStage1(pod.files, stage1, request.durable);
    const users = givePrivateUsers(pod, request);
    await writePod(pod.files, manifest, appImages, { ...request, ...storageOf(request, users) });
  } catch (error) {
    discardPod(pod, request.dataDirectory);
    throw error;
  }
  return { pod, manifest, images: appImages, stage1 };
}

function candidates(stage1: FetchedStage1 | undefined): readonly Candidate[] {
  if (stage1?.kind !== 'image') return [];
  const { id, manifest, decision } = stage1.image;
  return [{ id, manifest, trust: { decision } }];
}

/** Where owners cannot be mapped, every file is copied, for all of them get another owner. */
export function storageOf({ overlay }: Pick<PrepareRequest, 'overlay'>, users: PrivateUsers | undefined) {
  const isShifted = users !== undefined && !users.idmapped;
  return { overlay: overlay && !isShifted, shift: isShifted ? users.range.first : 0 };
}

/** An image of the pod, and why it was let in. */
export interface FetchedImageOfPod extends ImageOfPod {
  readonly trust: AppTrust;
}

async function fetchImages(
  store: Store,
  { images, fetch }: PrepareRequest,
): Promise<readonly FetchedImageOfPod[]> {
  const fetched: FetchedImageOfPod[] = [];
  for (const wanted of images) fetched.push(await fetchImageOfPod(store, wanted, fetch));
  return fetched;
}

/** Fetches an image if need be, and has it judged. */
export async function fetchImageOfPod(
  store: Store,
  { request, ...wanted }: WantedImage,
  fetch: FetchOptions,
): Promise<FetchedImageOfPod> {
  const { id, manifest, decision, record } = await fetchImage(store, wanted, fetch);
  const trust = { blob: record.blob, decision };
  return { id, manifest, trust, request, unverified: whyUnverified(decision) };
}

/** Between finding a tree and naming it in a pod: whoever removes trees that no pod names waits. */
export function keepTrees(dataDirectory: string): Disposable {
  makePodDirectories(dataDirectory);
  return lock(join(dataDirectory, 'pods'), 'shared');
}

function appImage(
  name: AcName,
  image: FetchedImageOfPod | undefined,
  rootfs: Rootfs | undefined,
): readonly AppImage[] {
  if (image === undefined || rootfs === undefined) return [];
  const { id, manifest, trust } = image;
  return [{ name, id, manifest, trust, rootfs }];
}
