import { sql } from 'drizzle-orm';
import { customType } from 'drizzle-orm/pg-core';

/** What stands for a character that PostgreSQL cannot keep: NUL, and half of a surrogate pair. */
const REPLACEMENT = '\uFFFD';

/** A text as PostgreSQL can keep it, so that no file name or message of a failure makes a statement fail. */
export function storableText(text: string): string {
  return text.replace(
    /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    REPLACEMENT,
  );
}

/** Plain JSON as PostgreSQL's jsonb can keep it. JSON.stringify writes what must go as escapes, and nothing else so. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, name: string) =>
    name.length > 1 ? REPLACEMENT : escape,
  );
}

/** A text column that takes every text, as a value and in a comparison. */
export const text = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storableText,
});

/** Plain JSON. Drivers parse it; keys come back in another order. */
export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: storableJson,
});

/** A time in milliseconds, which ISO 8601 in JavaScript can say exactly: cursors depend on it. */
export const time = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
});

/** The database's time at the beginning of the transaction, never rounded into the future. */
export const NOW = sql<string>`date_trunc('milliseconds', now())`;

/** The database's time at this moment: for a transaction that may have waited. Not for conditions: no index serves it. */
export const CLOCK = sql<string>`date_trunc('milliseconds', clock_timestamp())`;

/** The database's time in so many seconds. */
export function inSeconds(seconds: number): ReturnType<typeof sql<string>> {
  return sql<string>`${NOW} + make_interval(secs => ${seconds})`;
}

/** A row without the columns that are null. */
export function present<T extends object>(row: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as never;
}
