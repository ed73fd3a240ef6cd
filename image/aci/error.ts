/** An image that is not an ACI: `ACI: no "manifest"`. */
export class AciError extends Error {
  readonly code = 'ERR_ACI';

  constructor(problem: string) {
    super(`ACI: ${problem}`);
    this.name = 'AciError';
  }
}
