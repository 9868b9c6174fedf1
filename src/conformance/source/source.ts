import type { RuleInfo } from '../rules/rule.js';

/** A file, or what a URL gives; read in pieces. */
export interface Resource {
  /** Where references in it start from: after redirects. */
  readonly url: string;
  readonly size: number;
  /** Bytes from `offset` on, as many as there are of `length`. Throws ReadRefused. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Why a reference leads nowhere: the rule that it breaks, what was wanted, and what there is. */
export interface Refusal {
  rule: RuleInfo;
  expected: string;
  found: string;
}

/** Thrown by reads of a resource that could be opened, and then not be read. */
export class ReadRefused extends Error {
  override readonly name = 'ReadRefused';

  constructor(readonly refusal: Refusal) {
    super(refusal.found);
  }
}

/** Where a stream lies. */
export interface Source {
  /** URL of the folder, or of the manifest, that everything is relative to. */
  readonly root: string;
  /** How findings name a URL: relative to the root where it lies below it, and without secrets. */
  nameOf(url: string): string;
  /** What there is at an absolute URL. Throws only where the caller cancels. */
  open(url: string): Promise<Resource | Refusal>;
}

export function isRefusal(opened: object): opened is Refusal {
  return 'rule' in opened;
}

/** Relative references that are resolved by joining: no dot segments, nothing that is encoded. */
const PLAIN = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

/** An absolute URL for a reference in a file; undefined where it is none. `base` is absolute and normal, as URL gives it. */
export function resolveUrl(reference: string, base: string): string | undefined {
  // Nearly all are plain, and a title has many; URL takes ten times as long.
  if (PLAIN.test(reference)) {
    const end = base.search(/[?#]/);
    return base.slice(0, base.lastIndexOf('/', end < 0 ? base.length : end) + 1) + reference;
  }
  try {
    return new URL(reference.trim(), base).href;
  } catch {
    return undefined; // e.g. "http://[": the reader says where it stands
  }
}
