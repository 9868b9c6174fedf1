/** A must is an error; a should is a warning, which fails nothing unless it is asked to. */
export type Severity = 'error' | 'warning';

/**
 * Documents that a stream may or may not be made for. Rules of a profile are applied to what claims to follow it, and to
 * what is said to: rules without one are applied to every stream of their format.
 */
export type Profile = 'cmaf' | 'apple' | 'dash-if';

export const PROFILES: readonly Profile[] = ['cmaf', 'apple', 'dash-if'];

export interface RuleInfo {
  /** Stable, e.g. `HLS-CODECS`: the first word is the family of the document. */
  id: string;
  severity: Severity;
  profile?: Profile;
  /** Document and clause. */
  reference: string;
  /** What it asks for, in words, without a full stop. */
  asks: string;
}

/** What breaks a rule, and where. */
export interface Violation {
  /** Name of the file; that of the subject unless given. */
  file?: string;
  /** Line of a manifest. */
  line?: number | undefined;
  expected: string;
  found: string;
}

export type Report = (violation: Violation) => void;

/** A rule that is checked by a function of its subject. */
export interface Rule<Subject> extends RuleInfo {
  check: (subject: Subject, report: Report) => void;
}
