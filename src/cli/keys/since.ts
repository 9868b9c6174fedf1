import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/;

/** A point in time as an option's text, milliseconds since 1970: `7d`, `12h`, `30m` ago, or a date or time in UTC. */
export function readSince(text: string, nowMs = Date.now()): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * UNIT_MS[unit]!;
  const time = TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'Allowed is a number of days, hours or minutes (7d, 12h, 30m), or a date or time in UTC (2026-08-09, 2026-08-09T10:00Z).',
    );
  }
  return time;
}

/** A key id as an option's text: 32 hex digits, or a UUID. */
export function readKid(text: string): string {
  const kid = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(kid))
    throw new InvalidArgumentError('Allowed are 32 hexadecimal digits, or a UUID.');
  return kid;
}
