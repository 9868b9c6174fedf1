import { LineCounter, type Document, isMap, isScalar, parseDocument } from 'yaml';
import type { z } from 'zod';
import { badUsage } from '../../errors.js';
import { CONFIG_KEYS, nearestKey } from './keys.js';
import { CONFIG, type ConfigInput } from './schema.js';

const MOST_COMPLAINTS = 5;
const WHERE = 'All keys are explained in docs/configuration.md.';

type Path = readonly (string | number)[];

interface Source {
  /** Name of the file, for messages. */
  name: string;
  document: Document;
  lines: LineCounter;
}

/** Line of a key, 1 for the first; of the nearest outer key that is there. */
function lineOf({ document, lines }: Source, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path[depth - 1]);
    if (pair && isScalar(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
  }
  return 1;
}

/** Paths of the keys below a value that nobody knows: `enocde` with `preset` in it is `enocde.preset`. */
function unknownPaths(document: Document, path: Path): string[] {
  const value: unknown = document.getIn(path, true);
  const inner = isMap(value) ? value.items.map(({ key }) => [...path, String(key)].join('.')) : [];
  return inner.length > 0 ? inner : [path.join('.')];
}

function unknownKey(source: Source, path: Path): string[] {
  const where = `in ${source.name} line ${lineOf(source, path)}`;
  return unknownPaths(source.document, path).map((name) => {
    const meant = nearestKey(name);
    return `unknown key \`${name}\` ${where}${meant === undefined ? '' : `: did you mean \`${meant}\`?`}`;
  });
}

/** A value as it would be written in YAML, cut where it is long. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function wrongValue(source: Source, path: Path): string {
  // A mistake within a list is told of the key that holds the list.
  const key = [2, 1].map((depth) => path.slice(0, depth)).find((p) => keyAt(p) !== undefined) ?? path;
  const known = keyAt(key);
  const found = shown(valueAt(source.document.toJS(), key));
  const allowed = known?.allowed ?? 'a mapping of keys';
  return `\`${key.join('.')}\` in ${source.name} line ${lineOf(source, key)}: found ${found}, allowed is ${allowed}`;
}

function keyAt(path: Path): (typeof CONFIG_KEYS)[number] | undefined {
  return CONFIG_KEYS.find((key) => key.path === path.join('.'));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, name) => (inner as Record<string | number, unknown> | null)?.[name],
    value,
  );
}

function complaints(source: Source, issue: z.core.$ZodIssue): string[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.flatMap((key) => unknownKey(source, [...path, key]));
  return [wrongValue(source, path)];
}

/** A section whose keys are all commented out is null in YAML, and says nothing. */
function withoutEmptySections(value: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = ([name, section]: [string, unknown]): boolean => section === null && name in CONFIG.shape;
  return Object.fromEntries(Object.entries(value).filter((entry) => !isEmpty(entry)));
}

/**
 * Reads the text of a hullcast.yaml; `name` is what messages call the file. Throws CONFIG_INVALID with up to five
 * complaints, each with its key and line, for text that is no YAML, unknown keys and values that are not allowed.
 */
export function parseConfigFile(text: string, name: string): ConfigInput {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw badUsage('CONFIG_INVALID', `${name} line ${line} is not valid YAML: ${broken.message}`, WHERE);
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  if (!isMap(document.contents)) {
    throw badUsage('CONFIG_INVALID', `${name} holds ${shown(value)}, allowed is a mapping of keys`, WHERE);
  }
  const said = withoutEmptySections(value as Record<string, unknown>);
  const parsed = CONFIG.safeParse(said);
  if (parsed.success) return said;
  const source: Source = { name, document, lines };
  const all = parsed.error.issues.flatMap((issue) => complaints(source, issue));
  const more = all.length > MOST_COMPLAINTS ? [`and ${all.length - MOST_COMPLAINTS} more`] : [];
  throw badUsage('CONFIG_INVALID', [...all.slice(0, MOST_COMPLAINTS), ...more].join('\n  '), WHERE);
}
