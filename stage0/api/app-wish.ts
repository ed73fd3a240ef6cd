import { acName } from '../../schema/ac-name.ts';
import { parseVariable } from '../prepare/environment-flags.ts';
import type { AppRequest } from '../prepare/request.ts';
import type { Environment } from '../runtime-config/environment.ts';

/**
 * An app of a pod to be prepared: an image, and what is to be other than the image says. Isolators, mounts and annotations have the
 * shapes of the appc pod manifest.
 */
export interface AppWish extends Partial<Omit<AppRequest, 'name' | 'environment'>> {
  /** A file, URL or name, as on the command line. */
  readonly image: string;
  /** The image's detached signature. */
  readonly signatureFile?: string | undefined;
  /** The app's name; the last part of the image's if nothing is said. */
  readonly name?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | Environment;
}

/** The wish in the engine's own terms; throws DecodeError for names that are none. */
export function appRequest(wish: AppWish): AppRequest {
  const { name, environment = {} } = wish;
  return {
    name: name === undefined ? undefined : acName(name, 'name'),
    exec: wish.exec,
    args: wish.args ?? [],
    user: wish.user,
    group: wish.group,
    supplementaryGids: wish.supplementaryGids,
    workingDirectory: wish.workingDirectory,
    readOnlyRootFs: wish.readOnlyRootFs ?? false,
    environment: isEnvironment(environment) ? environment : Object.entries(environment).map(variable),
    isolators: wish.isolators ?? [],
    mounts: wish.mounts ?? [],
    annotations: wish.annotations ?? [],
    userAnnotations: wish.userAnnotations ?? {},
    userLabels: wish.userLabels ?? {},
  };
}

function isEnvironment(value: NonNullable<AppWish['environment']>): value is Environment {
  return Array.isArray(value);
}

function variable(pair: readonly [string, string]) {
  return parseVariable(pair.join('='), 'environment');
}
