import { elfExecutable, PF } from '../program/elf.ts';
import { machineCode } from '../program/machine-code.ts';

const ADDRESS = 0x40_0000;

/**
 * The pod's first process as an executable: it holds the namespaces, shows no file of the host as /proc/1/exe, and cannot
 * be traced from inside the pod, for it makes itself non-dumpable first.
 */
export function pauseImage(): Buffer {
  const { pause, elfMachine } = machineCode();
  return elfExecutable(elfMachine, [{ address: ADDRESS, permissions: PF.R | PF.X, content: pause }]);
}
