import type { Uuid } from '../../schema/uuid.ts';
import { hostPlatform } from '../../stage0/prepare/platform.ts';
import type { PrepareRequest } from '../../stage0/prepare/prepare.ts';
import type { FlagValues } from '../flag.ts';
import { tell } from '../output.ts';
import { safeText } from '../safe-text.ts';
import type { AppArgs } from './app-args.ts';
import { appRequest } from './app-flags.ts';
import type { Globals } from './globals.ts';
import { exposedPorts, type PREPARE_FLAGS, podEnvironment, pullPolicy } from './prepare-flags.ts';

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
  { dataDirectory, insecure }: Globals,
  { command, durable, onCreated }: PrepareDetails,
): PrepareRequest {
  pullPolicy(values, 'new');
  return {
    dataDirectory,
    images: apps.map((app) => ({ reference: app.reference, request: appRequest(app) })),
    environment: podEnvironment(values),
    ports: exposedPorts(values),
    overlay: !values['no-overlay'],
    durable,
    fetch: { insecureImage: insecure.has('image'), host: hostPlatform() },
    onCreated,
    onWarning: (warning) => tell(`${command}: warning: ${safeText(warning)}`),
  };
}
