import { hasCode } from '../../linux/system-error.ts';
import { cniResult } from '../../schema/cni/result.ts';
import { anything } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { findProgram } from './find-program.ts';
import { type JoinedNetwork, writeNetInfo } from './net-info.ts';
import { type Invocation, planNetworks } from './plan.ts';
import { networkFailure } from './plugin-failure.ts';
import { requirePrograms } from './require-programs.ts';
import { runPlugin } from './run-plugin.ts';
import { writeState } from './state.ts';
import { type NetworkJob, tearDownNetworks } from './tear-down.ts';

/**
 * Joins the pod to its networks, in order, and tells what it got, here and in `net-info.json`. When one fails, what was
 * set up is taken down again and the error says which plugin failed and why.
 */
export function setUpNetworks(job: NetworkJob): readonly JoinedNetwork[] {
  requirePrograms(job);
  writeState(job.podDirectory, { results: {} });
  try {
    const results = addAll(job);
    writeState(job.podDirectory, { results });
    const joined = job.networks.map((network) => ({
      network,
      result: cniResult(results[network.name]),
      pluginPath: findProgram(network.conf.plugins[0]?.type ?? '', job.cniPath) ?? '',
    }));
    writeNetInfo(job.podDirectory, joined);
    return joined;
  } catch (error) {
    undo(job);
    throw error;
  }
}

/** The result of each network by its name, as printed: a plugin gets that of the one before it in its network. */
function addAll(job: NetworkJob): Readonly<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const invocation of planNetworks('ADD', job.networks, job)) {
    const { network } = invocation;
    results[network] = parseResult(invocation, runPlugin(job.run, invocation, results[network]));
  }
  return results;
}

/** The result as it was printed, once it has been seen to be one. */
function parseResult(invocation: Invocation, stdout: string): unknown {
  try {
    const result = decodeJson(stdout, anything, { what: 'result' });
    cniResult(result, 'result');
    return result;
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
