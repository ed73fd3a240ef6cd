/** A program of the host that stage1 runs outside of any pod: a CNI plugin, iptables. */
export interface HostProgram {
  /** Absolute. */
  readonly path: string;
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input, which then ends. */
  readonly stdin: string;
}

/** How it ended: its exit status, or 128+N for signal N, and all that it printed. */
export interface HostProgramResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the host and waits for its end. Throws only when it could not be started.
 * The program must inherit the fd of the pod's lock: when the supervisor is killed, the pod then counts as running until
 * the program is done, and `gc` does not tear down what is still being set up.
 */
export type HostProgramRunner = (program: HostProgram) => HostProgramResult;

/** Where plugins and we ourselves find programs of the host; the environment of the caller is not passed on. */
export const HOST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
