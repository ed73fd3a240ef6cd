import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 25;

/**
 * What `attempt` gives, once it gives something: until then somebody else, perhaps in this process, has what we want to work on.
 * `onWait` is called once, before the first wait.
 */
export async function takeTurn<T>(
  attempt: () => Promise<T | undefined> | T | undefined,
  onWait: () => void = () => {},
): Promise<T> {
  for (let hasWaited = false; ; hasWaited = true) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (!hasWaited) onWait();
    await sleep(RETRY_MS);
  }
}
