import { createHash } from 'node:crypto';

/** Whose rules: the CNI plugins name a chain after both. */
export interface RuleOwner {
  readonly network: string;
  readonly uuid: string;
}

/**
 * The input for `iptables-restore --noflush` that removes what a plugin's `ipMasq` made for a pod, given the output of
 * `iptables -t nat -S`; undefined when nothing is left. The plugins remove it themselves only while they find the pod's
 * interface: not when the supervisor was killed (the network namespace is gone) nor when an app changed its interface.
 */
export function masqueradeRemoval(rules: string, owner: RuleOwner): string | undefined {
  const chain = masqueradeChain(owner);
  const lines = rules.split('\n');
  const jumps = lines.filter((line) => line.startsWith('-A ') && line.endsWith(` -j ${chain}`));
  const chains = lines.filter((line) => line === `-N ${chain}`);
  if (jumps.length + chains.length === 0) return undefined;
  const removals = jumps.map((line) => line.replace('-A ', '-D '));
  const emptied = chains.flatMap(() => [`-F ${chain}`, `-X ${chain}`]);
  return ['*nat', ...removals, ...emptied, 'COMMIT', ''].join('\n');
}

/** FormatChainName of the plugins (pkg/utils): "CNI-" and the first 24 hex digits of the SHA-512 of both names. */
export function masqueradeChain({ network, uuid }: RuleOwner): string {
  const digest = createHash('sha512')
    .update(network + uuid)
    .digest('hex');
  return `CNI-${digest.slice(0, 24)}`;
}
