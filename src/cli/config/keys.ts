import { z } from 'zod';
import { CONFIG } from './schema.js';

/** One key of the configuration. */
export interface ConfigKey {
  /** e.g. `encode.preset`. */
  path: string;
  schema: z.ZodType;
  description: string;
  /** Its values in words, e.g. `a number from 2 to 6`. */
  allowed: string;
  /** Undefined where it has none. */
  fallback: unknown;
}

interface Unwrapped {
  inner: z.ZodType;
  fallback: unknown;
}

/** Takes .optional(), .default() and .prefault() off a schema. */
function unwrap(schema: z.ZodType): Unwrapped {
  if (schema instanceof z.ZodDefault) {
    return { inner: unwrap(schema.unwrap() as z.ZodType).inner, fallback: schema.parse(undefined) };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap() as z.ZodType);
  return { inner: schema, fallback: undefined };
}

/** The values that a schema takes, in words; its own `allowed` text where a rule cannot be read from it. */
function allowedBy(schema: z.ZodType): string {
  const own = schema.meta()?.['allowed'];
  if (typeof own === 'string') return own;
  if (schema instanceof z.ZodNumber) {
    const kind = schema.format?.includes('int') ? 'a whole number' : 'a number';
    return `${kind} from ${schema.minValue} to ${schema.maxValue}`;
  }
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodArray) return `a list, each ${allowedBy(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodObject) return 'a mapping of keys';
  return 'text';
}

function keysOf(schema: z.ZodType, prefix: string): ConfigKey[] {
  const { inner, fallback } = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([name, child]) =>
      keysOf(child, prefix === '' ? name : `${prefix}.${name}`),
    );
  }
  return [
    { path: prefix, schema, description: schema.description ?? '', allowed: allowedBy(inner), fallback },
  ];
}

/** Every key of hullcast.yaml, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = keysOf(CONFIG, '');

/** A key by its path; throws RangeError where there is none. */
export function configKey(path: string): ConfigKey {
  const key = CONFIG_KEYS.find((candidate) => candidate.path === path);
  if (!key) throw new RangeError(`no configuration key ${path}`);
  return key;
}

/** A default as text, e.g. `4` or `h264`; undefined where there is none. */
export function fallbackText({ fallback }: ConfigKey): string | undefined {
  if (fallback === undefined) return undefined;
  if (Array.isArray(fallback)) return fallback.join(',');
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
}

/** Least number of characters to insert, delete or replace to turn one text into the other (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/**
 * The valid path (a key, or a section) that was probably meant: the same name elsewhere, else the one with the fewest
 * wrong letters, if at least half of them are right.
 */
export function nearestKey(path: string): string | undefined {
  const sections = [...new Set(CONFIG_KEYS.map((key) => key.path.split('.')[0] ?? ''))];
  const paths = [...CONFIG_KEYS.map((key) => key.path), ...sections];
  const ranked = paths
    .map((candidate) => ({ candidate, wrong: editDistance(path.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.wrong - b.wrong);
  const elsewhere = ranked.find(({ candidate }) => lastName(candidate) === lastName(path));
  if (elsewhere) return elsewhere.candidate;
  const best = ranked[0];
  return best && best.wrong <= path.length / 2 ? best.candidate : undefined;
}
