/** An ask for keys with a token. */
export interface Ask {
  /** Names the token among all. */
  token: string;
  /** What is asked for: a key each, or what stands for a request whose keys cannot be read. No two are equal. */
  slots: readonly string[];
  /** Most slots that the token opens in all. */
  most: number;
  /** For so long after a slot's first ask the same ask counts as a retry, milliseconds. */
  retryMs: number;
  /** How long the token can still be used, milliseconds: after that nothing need be known of it. */
  keepMs: number;
}

/** `first`: something of it is new; `retry`: all was asked for a moment ago; `replay`: some of it was, longer ago. */
export type Use = 'first' | 'retry' | 'replay';

/**
 * What tokens were used for: each opens each slot once. A replay takes nothing. Among asks at the same moment one is the
 * first. Throws LICENSE_UNAVAILABLE (transient) where it cannot be known.
 */
export interface TokenUses {
  use(ask: Ask): Promise<Use>;
}
