import type { CniNetwork } from '../../schema/pod-files.ts';
import { findProgram } from './find-program.ts';
import { masqueradeRemoval } from './masquerade.ts';
import { NetworkError } from './network-error.ts';
import { masquerades } from './requirements.ts';
import { HOST_PATH, type HostProgramResult, type HostProgramRunner } from './runner.ts';

/** Removes the NAT rules that plugins left behind for a pod. A host without iptables, or without NAT for IPv6, has none. */
export function removeMasquerade(
  run: HostProgramRunner,
  networks: readonly CniNetwork[],
  uuid: string,
): void {
  const names = networks.filter(({ conf }) => conf.plugins.some(masquerades)).map(({ name }) => name);
  if (names.length === 0) return;
  for (const tool of ['iptables', 'ip6tables']) {
    const rules = runTool(run, tool, ['-w', '-t', 'nat', '-S']);
    if (rules?.status !== 0) continue;
    for (const network of names) {
      const removal = masqueradeRemoval(rules.stdout, { network, uuid });
      if (removal !== undefined) restore(run, `${tool}-restore`, { network, removal });
    }
  }
}

function restore(
  run: HostProgramRunner,
  tool: string,
  { network, removal }: Record<'network' | 'removal', string>,
) {
  const result = runTool(run, tool, ['-w', '--noflush'], removal);
  if (result?.status !== 0)
    throw new NetworkError(
      `tear down network "${network}": ${tool}: ${result?.stderr.trim() ?? 'not found'}`,
    );
}

function runTool(
  run: HostProgramRunner,
  tool: string,
  args: readonly string[],
  stdin = '',
): HostProgramResult | undefined {
  const path = findProgram(tool, HOST_PATH.split(':'));
  return path === undefined
    ? undefined
    : run({ path, argv: [tool, ...args], env: { PATH: HOST_PATH }, stdin });
}
