import type { RuntimeApp } from '../../schema/pod-manifest.ts';

/** What an app's image asks for and does not get yet: one sentence each, for people. */
export function unsupportedParts({ name, app }: RuntimeApp): readonly string[] {
  const handlers = app?.eventHandlers ?? [];
  return handlers.map(
    (handler) =>
      `app ${JSON.stringify(name)}: event handler ${handler.name} is not supported yet and has no effect`,
  );
}
