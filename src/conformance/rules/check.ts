import type { Findings } from '../findings.js';
import { type Forced, applies } from '../profiles.js';
import type { Rule } from './rule.js';

/** Applies rules to a subject. `file` is where findings are, unless a rule says otherwise. */
export function check<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  file: string,
  profiles: Forced,
  findings: Findings,
): void {
  for (const rule of rules) {
    if (applies(rule, profiles)) rule.check(subject, findings.reporter(rule, file));
  }
}
