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

/** An absolute URL for a reference in a file; undefined where it is none. */
export function resolveUrl(reference: string, base: string): string | undefined {
  try {
    return new URL(reference.trim(), base).href;
  } catch {
    return undefined; // e.g. "http://[": the reader says where it stands
  }
}
