/** What a profile depends on. */
export interface SeccompFacts {
  /** The app's bounding set. */
  readonly capabilities: readonly string[];
  /** Node's name of the host's architecture. */
  readonly architecture: string;
}
