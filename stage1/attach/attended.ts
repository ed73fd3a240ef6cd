/** What an attendant has of an app, by file descriptors. */
export interface Attended {
  readonly app: string;
  /** The socket by which somebody attaches. */
  readonly listener: number;
  /** The executable it becomes when somebody does. */
  readonly executable: number;
  /** The master of the app's terminal. */
  readonly tty?: number;
  /** Ends of pipes: to write what the app reads, and to read what it prints. */
  readonly stdin?: number;
  readonly stdout?: number;
  readonly stderr?: number;
}

const ENDS = ['listener', 'executable', 'tty', 'stdin', 'stdout', 'stderr'] as const;

/** The operands of `stage1 attend`: `APP listener=3 executable=4 …`. */
export function attendOperands(attended: Attended): readonly string[] {
  return [
    attended.app,
    ...ENDS.flatMap((end) => (attended[end] === undefined ? [] : [`${end}=${attended[end]}`])),
  ];
}

/** Reads them back; undefined where they are none. */
export function readAttended([app, ...operands]: readonly string[]): Attended | undefined {
  const ends = operands.map((operand) => /^(\w+)=(\d{1,9})$/.exec(operand));
  const known = ends.flatMap((end) => (end?.[1] === undefined ? [] : [[end[1], Number(end[2])] as const]));
  const { listener, executable, ...others } = Object.fromEntries(known);
  if (app === undefined || listener === undefined || executable === undefined) return undefined;
  return { ...others, app, listener, executable };
}

export function descriptorsOf(attended: Attended): readonly number[] {
  return ENDS.flatMap((end) => attended[end] ?? []);
}
