/** Isolators that contradict each other. */
export class IsolatorError extends Error {
  readonly code = 'ERR_ISOLATOR';
}
