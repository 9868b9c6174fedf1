/** Numbers with four decimals: enough for people, and little enough for every machine to agree. */
export function rounded(value: number): number;
export function rounded<T extends object>(value: T): T;
export function rounded(value: number | object): number | object {
  if (typeof value === 'number') return Math.round(value * 10_000) / 10_000;
  return Object.fromEntries(
    Object.entries(value as Record<string, number>).map(([key, each]) => [key, rounded(each)]),
  );
}
