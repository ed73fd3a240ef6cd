import type { CniNetwork } from '../../schema/pod-files.ts';
import { findProgram } from './find-program.ts';
import { NetworkError } from './network-error.ts';
import { type Requirement, requirements } from './requirements.ts';
import { HOST_PATH } from './runner.ts';

interface RequirePrograms {
  readonly networks: readonly CniNetwork[];
  readonly cniPath: readonly string[];
}

/** Makes sure, before anything is set up, that the host has what the networks need; the error says what to install. */
export function requirePrograms({ networks, cniPath }: RequirePrograms): void {
  for (const requirement of networks.flatMap(({ conf }) => requirements(conf))) {
    const directories = requirement.kind === 'plugin' ? cniPath : HOST_PATH.split(':');
    if (findProgram(requirement.program, directories) === undefined) throw missing(requirement, directories);
  }
}

function missing({ network, kind, program, package: name }: Requirement, directories: readonly string[]) {
  const what = kind === 'plugin' ? `CNI plugin "${program}"` : program;
  const hint =
    name === undefined ? 'put the plugin into one of these directories' : `install the package ${name}`;
  return new NetworkError(
    `set up network "${network}": ${what} not found in ${directories.join(', ')}`,
    hint,
  );
}
