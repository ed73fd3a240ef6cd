import type { AppLife } from '../../schema/pod-files.ts';
import type { Process, RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Phase } from '../supervisor/course.ts';

/** What is run of an app in a phase: the app itself, or a handler in the app's place, with all that the app has. */
export function phaseConfig(config: RuntimeConfig, life: AppLife | undefined, phase: Phase): RuntimeConfig {
  const { process } = config;
  const args = phase === 'pre-start' ? life?.preStart : phase === 'post-stop' ? life?.postStop : undefined;
  if (args === undefined || process === undefined) return config;
  const handler = { ...process, args };
  return { ...config, process: life?.handlersAsRoot ? asRoot(handler) : handler };
}

/** Root of the app: what the app's bounding set leaves is all that it may ever have, too. */
function asRoot(process: Process): Process {
  const { capabilities } = process;
  const bounding = capabilities?.bounding ?? [];
  return {
    ...process,
    user: { uid: 0, gid: 0 },
    ...(capabilities && {
      capabilities: { ...capabilities, effective: bounding, permitted: bounding, ambient: [] },
    }),
  };
}
