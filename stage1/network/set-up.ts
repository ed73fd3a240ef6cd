import { hasCode } from '../../linux/system-error.ts';
import { anything } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { type Invocation, planNetworks } from './plan.ts';
import { networkFailure } from './plugin-failure.ts';
import { requirePrograms } from './require-programs.ts';
import { runPlugin } from './run-plugin.ts';
import { writeState } from './state.ts';
import { type NetworkJob, tearDownNetworks } from './tear-down.ts';

/** What each network gave the pod, by its name: the CNI result of its last plugin, in the version of its configuration. */
export type NetworkResults = Readonly<Record<string, unknown>>;

/**
 * Joins the pod to its networks, in order. When one fails, what was set up is taken down again and the error says which
 * plugin failed and why.
 */
export function setUpNetworks(job: NetworkJob): NetworkResults {
  requirePrograms(job);
  writeState(job.podDirectory, { results: {} });
  try {
    const results = addAll(job);
    writeState(job.podDirectory, { results });
    return results;
  } catch (error) {
    undo(job);
    throw error;
  }
}

/** A plugin gets the result of the one before it in its network. */
function addAll(job: NetworkJob): NetworkResults {
  const results: Record<string, unknown> = {};
  for (const invocation of planNetworks('ADD', job.networks, job)) {
    const { network } = invocation;
    results[network] = readResult(invocation, runPlugin(job.run, invocation, results[network]));
  }
  return results;
}

function readResult(invocation: Invocation, stdout: string): unknown {
  try {
    return decodeJson(stdout, anything, { what: 'result' });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw networkFailure(invocation, error.message);
  }
}

/** A second failure is not news for the user, and `net-state.json` still stands for `gc`. */
function undo(job: NetworkJob): void {
  try {
    tearDownNetworks(job);
  } catch (error) {
    if (!hasCode(error, 'ERR_NETWORK')) throw error;
  }
}
