import { cniError } from '../../schema/cni/error.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { NetworkError } from './network-error.ts';
import type { CniCommand, Invocation } from './plan.ts';
import type { HostProgramResult } from './runner.ts';

/** One sentence for a plugin that failed: its own error where it printed one as the specification says. */
export function pluginFailure(invocation: Invocation, result: HostProgramResult): NetworkError {
  const reason = printedError(result.stdout) ?? lastWords(result);
  const address = UNAVAILABLE.map((pattern) => pattern.exec(reason)?.[1]).find(
    (match) => match !== undefined,
  );
  if (address !== undefined) return new NetworkError(addressTaken(address, invocation.network));
  return networkFailure(invocation, reason);
}

/** The same for a reason of our own. */
export function networkFailure({ command, network, plugin }: Invocation, reason: string): NetworkError {
  return new NetworkError(`${VERBS[command]} network "${network}": plugin "${plugin}": ${reason}`);
}

/** rkt's words. */
function addressTaken(address: string, network: string): string {
  return `requested IP address "${address}" is not available in network: ${network}`;
}

const VERBS: Readonly<Record<CniCommand, string>> = { ADD: 'set up', DEL: 'tear down', CHECK: 'check' };

/** How host-local says that the address in CNI_ARGS is in use, or not in its ranges. */
const UNAVAILABLE = [
  /requested IP address (\S+) is not available in range set/,
  /failed to allocate all requested IPs: (\S+?)(?:,|$)/,
];

function printedError(stdout: string): string | undefined {
  try {
    const { msg, details } = decodeJson(stdout, cniError, { what: 'plugin error' });
    return oneLine(details ? `${msg}: ${details}` : msg);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

function lastWords({ status, stderr }: HostProgramResult): string {
  const words = oneLine(stderr);
  return words === '' ? `ended with status ${status}` : `ended with status ${status}: ${words}`;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
