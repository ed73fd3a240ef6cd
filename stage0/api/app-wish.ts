import { acName } from '../../schema/ac-name.ts';
import { parseVariable } from '../prepare/environment-flags.ts';
import type { AppRequest } from '../prepare/request.ts';

/** An app of a pod to be prepared: an image, and what is to be other than the image says. */
export interface AppWish {
  /** A file, URL or name, as on the command line. */
  readonly image: string;
  readonly signatureFile?: string;
  /** The app's name; the last part of the image's if nothing is said. */
  readonly name?: string;
  /** Takes the place of the image's program. */
  readonly exec?: string;
  /** More arguments of its program. */
  readonly args?: readonly string[];
  readonly user?: string;
  readonly group?: string;
  readonly workingDirectory?: string;
  readonly readOnlyRootFs?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The wish in the engine's own terms; throws DecodeError for names that are none. */
export function appRequest(wish: AppWish): AppRequest {
  const {
    name,
    exec,
    args = [],
    user,
    group,
    workingDirectory,
    readOnlyRootFs = false,
    environment = {},
  } = wish;
  return {
    name: name === undefined ? undefined : acName(name, 'name'),
    exec,
    args,
    user,
    group,
    supplementaryGids: undefined,
    workingDirectory,
    readOnlyRootFs,
    environment: Object.entries(environment).map((pair) => parseVariable(pair.join('='), 'environment')),
    isolators: [],
    mounts: [],
    annotations: [],
    userAnnotations: {},
    userLabels: {},
  };
}
