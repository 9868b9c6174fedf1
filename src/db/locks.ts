/**
 * Advisory locks: two numbers each, the first one hullcast's ("hull" in ASCII), as a database may be shared with other
 * programs.
 */
export const LOCKS = {
  space: 0x68756c6c,
  /** Held while the schema changes. */
  migrations: 1,
  /** Held from before an event gets its id until it is committed. */
  events: 2,
} as const;
