import { type GivenFlag, UsageError } from '../flag.ts';
import type { Token } from '../scan.ts';

/** An image on the command line with what follows it: its flags, and its arguments after `--`. */
export interface AppArgs {
  readonly reference: string;
  readonly flags: readonly GivenFlag[];
  /** Undefined without `--`: then the image's own arguments count. */
  readonly args: readonly string[] | undefined;
}

export interface SplitArgs {
  /** Flags of the whole pod, wherever they stood. */
  readonly podFlags: readonly GivenFlag[];
  readonly apps: readonly AppArgs[];
}

/**
 * Gives every token to the pod or to the image it follows. `appFlags` belong to the last image; all others to the pod, and
 * so do those that are `flagsOfPod`, too, as long as there is no image. The messages are rkt's.
 */
export function splitAppArgs(
  tokens: readonly Token[],
  appFlags: readonly string[],
  flagsOfPod: readonly string[] = [],
): SplitArgs {
  const podFlags: GivenFlag[] = [];
  const apps: AppArgs[] = [];
  const isOfApp = (name: string) =>
    appFlags.includes(name) && (apps.length > 0 || !flagsOfPod.includes(name));
  for (const token of tokens) {
    if (token.kind === 'word') apps.push({ reference: token.text, flags: [], args: undefined });
    else if (token.kind === 'arguments') apps.push(withArguments(apps.pop(), token.list));
    else if (isOfApp(token.name)) apps.push(withFlag(apps.pop(), token));
    else podFlags.push(token);
  }
  return { podFlags: podFlags.map(given), apps };
}

/** For commands whose images take no arguments (`fetch`). */
export function refuseArguments(tokens: readonly Token[]): void {
  if (tokens.some((token) => token.kind === 'arguments')) throw new UsageError('app arguments unsupported');
}

function withArguments(app: AppArgs | undefined, args: readonly string[]): AppArgs {
  if (app === undefined) throw new UsageError('an image is required before any app arguments');
  if (app.args !== undefined) throw new UsageError('only one set of app arguments allowed per image');
  return { ...app, args };
}

function withFlag(app: AppArgs | undefined, flag: GivenFlag): AppArgs {
  if (app === undefined) throw new UsageError(`--${flag.name} must follow an image`);
  const isSecond = app.flags.some((each) => each.name === flag.name);
  if (isSecond && ONCE.includes(flag.name))
    throw new UsageError(`--${flag.name} given twice for image ${JSON.stringify(app.reference)}`);
  return { ...app, flags: [...app.flags, given(flag)] };
}

const ONCE: readonly string[] = ['exec', 'signature'];

function given({ name, value }: GivenFlag): GivenFlag {
  return { name, value };
}
