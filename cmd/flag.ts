/** A flag as data: from these come the parser, the help, and the typed values a command gets. */
export interface Flag {
  /** boolean: given or not, or `=true`/`=false`. list: may be repeated. */
  readonly kind: 'boolean' | 'string' | 'list';
  /** What stands for the value in help: PATH. */
  readonly value?: string;
  /** What `--flag` alone means, where a value is optional; then a value needs `=`. */
  readonly bare?: string;
  readonly describe: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** A flag as it stood on a command line. */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

/** The values of these flags: false, undefined or an empty list where a flag was not given. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K]['kind'] extends 'boolean'
    ? boolean
    : F[K]['kind'] extends 'list'
      ? readonly string[]
      : string | undefined;
};

/** A command line that cannot be understood. The command's usage is shown with it. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
