import { InvalidArgumentError, Option } from 'commander';

export const DAY_MS = 24 * 3600 * 1000;
const MOST_DAYS = 36_500;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Days, as an option's text, in milliseconds. */
export function readDays(text: string): number {
  const days = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(days <= MOST_DAYS))
    throw new InvalidArgumentError(`Allowed is a number of days from 0 to ${MOST_DAYS}.`);
  return days * DAY_MS;
}

/** `500`, `1.5T`: bytes with a decimal unit. */
export function readBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMGT]?)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError(
      'Allowed is a number of bytes, with k, M, G or T behind it for powers of 1000.',
    );
  }
  return Math.round(Number(number) * UNITS[unit]!);
}

/** An option of days with a default, in milliseconds. */
export function daysOption(flags: string, description: string, defaultDays: number): Option {
  return new Option(flags, description)
    .argParser(readDays)
    .default(defaultDays * DAY_MS, String(defaultDays));
}
