import { ENDPOINTS, type Endpoint } from './protocol.ts';

/** An attachment to what is not there. */
export class EndpointError extends Error {
  readonly code = 'ERR_ATTACH';
  readonly hint: string;
  constructor(app: string, wanted: string, available: readonly Endpoint[]) {
    super(`attach to app ${JSON.stringify(app)}: it has no ${wanted}`);
    this.hint = `it has ${available.join(', ')}`;
  }
}

/** What `--mode` means: all there is (`auto`), the terminal in both directions (`tty`), or these, separated by commas. */
export function chooseEndpoints(
  app: string,
  mode: string,
  available: readonly Endpoint[],
): readonly Endpoint[] {
  if (mode === 'auto') return available;
  const wanted = mode === 'tty' ? ['tty-in', 'tty-out'] : mode.split(',');
  return wanted.map((name) => {
    const found = available.find((endpoint) => endpoint === name);
    if (found === undefined)
      throw new EndpointError(app, name in ENDPOINTS ? name : JSON.stringify(name), available);
    return found;
  });
}
