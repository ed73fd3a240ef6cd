import { AT_EMPTY_PATH } from '../../linux/fcntl.ts';
import { outerId } from '../../linux/id-map.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { type Step, text } from '../program/step.ts';
import type { AppContext } from './app.ts';
import { shown } from './args.ts';

/** Makes the user whom an app runs as the owner of its terminal. It is the host's, so root of the pod's user namespace could not. */
export function giveTerminal(
  { process, linux }: RuntimeConfig,
  { join, terminal, terminalAt = 0, stdio }: AppContext,
): readonly Step[] {
  const owner = outerId(linux?.uidMappings ?? [], process?.user.uid ?? 0);
  if (terminal === undefined || owner === undefined || !join.some(({ type }) => type === 'user')) return [];
  const args = [stdio[terminalAt] ?? 0, text(''), owner, -1, shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH')];
  return [{ call: 'fchownat', args, what: 'give the terminal away' }];
}
