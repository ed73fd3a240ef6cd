import type { Uuid } from '../../schema/uuid.ts';
import type { PrepareRequest } from '../../stage0/prepare/prepare.ts';
import { isOrdinaryUser } from '../../stage0/rootless/ordinary-user.ts';
import type { FlagValues } from '../flag.ts';
import type { AppArgs } from './app-args.ts';
import { appRequest, signatureFile } from './app-flags.ts';
import { fetchOptions } from './fetch-options.ts';
import type { Globals } from './globals.ts';
import { givenPodManifest } from './pod-manifest-flag.ts';
import { exposedPorts, type PREPARE_FLAGS, podEnvironment, pullPolicy } from './prepare-flags.ts';
import { stage1Choice } from './stage1-flags.ts';
import { mountsOf, volumesOf } from './volume-flags.ts';
import { warner } from './warner.ts';

export interface PrepareDetails {
  /** Whose warnings they are. */
  readonly command: string;
  readonly durable: boolean;
  readonly onCreated: (uuid: Uuid) => void;
}

/** What a command line asks to be prepared. */
export function prepareRequest(
  apps: readonly AppArgs[],
  values: FlagValues<typeof PREPARE_FLAGS>,
  globals: Globals,
  { command, durable, onCreated }: PrepareDetails,
): PrepareRequest {
  const given = givenPodManifest(apps, values);
  const images = given?.apps.map(({ image }) => ({ reference: image.id, flags: [], args: [] })) ?? apps;
  return {
    dataDirectory: globals.dataDirectory,
    given,
    images: images.map((app) => ({
      reference: app.reference,
      signatureFile: signatureFile(app),
      request: appRequest(app),
    })),
    environment: podEnvironment(values),
    ports: exposedPorts(values),
    volumes: volumesOf(values),
    mounts: mountsOf(values),
    overlay: !values['no-overlay'],
    privateUsers: values['private-users'] && !isOrdinaryUser(), // whose pods have no others
    durable,
    fetch: fetchOptions(command, globals, given ? 'never' : pullPolicy(values, 'new')),
    stage1: stage1Choice(values, globals),
    allowDowngrade: values['allow-downgrade'],
    onCreated,
    onWarning: warner(command),
  };
}
