import type { App } from '../../schema/app.ts';
import type { Isolator } from '../../schema/isolator.ts';
import { narrowedIsolators } from '../isolation/unverified.ts';
import { mergeEnvironments } from '../runtime-config/environment.ts';
import { PrepareError } from './prepare-error.ts';
import type { AppRequest, ImageOfPod, PodEnvironment } from './request.ts';

/** The image's app section with what the user asked for put into it. */
export function appSection(
  { manifest, request, unverified }: ImageOfPod,
  { fromFiles, set, inherited }: PodEnvironment,
): App {
  const app = manifest.app ?? withoutApp(manifest.name, request);
  const exec = [...(request.exec === undefined ? app.exec : [request.exec]), ...request.args];
  if (exec.length === 0)
    throw new PrepareError(`image ${JSON.stringify(manifest.name)} has an empty "exec"`, TRY_EXEC);
  const own = app.environment ?? [];
  const isolators = app.isolators ?? [];
  const allowed = unverified === undefined ? isolators : narrowedIsolators(isolators).isolators;
  return {
    ...app,
    exec,
    user: request.user ?? app.user,
    group: request.group ?? app.group,
    ...optionalFields(app, request),
    environment: mergeEnvironments(inherited, own, fromFiles, set, request.environment),
    isolators: replaceIsolators(allowed, request.isolators),
    userAnnotations: { ...app.userAnnotations, ...request.userAnnotations },
    userLabels: { ...app.userLabels, ...request.userLabels },
  };
}

const TRY_EXEC = 'try --exec=BINARY after the image';

/** An image without an app section is only data, unless the user says what to run; rkt runs that as root. */
function withoutApp(name: string, request: AppRequest): App {
  if (request.exec !== undefined) return { exec: [], user: '0', group: '0' };
  throw new PrepareError(`image ${JSON.stringify(name)} has no app section`, TRY_EXEC);
}

function optionalFields(app: App, { supplementaryGids, workingDirectory }: AppRequest): Partial<App> {
  const gids = supplementaryGids ?? app.supplementaryGIDs;
  const directory = workingDirectory ?? app.workingDirectory;
  return {
    ...(gids === undefined ? {} : { supplementaryGIDs: gids }),
    ...(directory === undefined ? {} : { workingDirectory: directory }),
  };
}

function replaceIsolators(images: readonly Isolator[], users: readonly Isolator[]): readonly Isolator[] {
  const kinds = users.map(kindOf);
  return [...images.filter((isolator) => !kinds.includes(kindOf(isolator))), ...users];
}

/** What an unverified image asks for and does not get, unless the user gives it; a sentence each. */
export function refusedIsolators({ manifest, request, unverified }: ImageOfPod): readonly string[] {
  if (unverified === undefined) return [];
  const replaced = new Set(request.isolators.map(kindOf));
  const own = (manifest.app?.isolators ?? []).filter((isolator) => !replaced.has(kindOf(isolator)));
  return narrowedIsolators(own).warnings.map(
    (warning) => `image ${JSON.stringify(manifest.name)} ${warning}`,
  );
}

/** Retaining and removing capabilities (or system calls) are two ways to say one thing. */
function kindOf({ name }: Isolator): string {
  return name.replace(/-(retain|remove)-set$/, '');
}
