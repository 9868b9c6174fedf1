import { isDeepStrictEqual } from 'node:util';
import { LIMITS } from './limits.js';
import type { Report, RuleInfo, Severity, Violation } from './rules/rule.js';

export interface Finding {
  rule: string;
  severity: Severity;
  file: string;
  line?: number;
  expected: string;
  found: string;
}

/** What was found of one rule. */
export interface RuleFindings {
  rule: RuleInfo;
  /** All there were. */
  count: number;
  /** The first of them. */
  findings: Finding[];
}

/** Texts of streams in messages: control characters are none of a terminal's business, and nobody reads a megabyte. */
export function shown(text: string, most = 160): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
  return clean.length <= most ? clean : `${clean.slice(0, most)}…`;
}

/** Collects findings, a bounded number of each rule, and knows which rules were applied. */
export class Findings {
  private readonly byRule = new Map<string, RuleFindings>();
  private readonly applied = new Set<string>();

  constructor(private readonly ignored: ReadonlySet<string> = new Set()) {}

  /** Where violations of a rule in a file go. Marks the rule as applied. */
  reporter(rule: RuleInfo, file: string): Report {
    this.applied.add(rule.id);
    return (violation) => this.add(rule, { file, ...violation });
  }

  add(rule: RuleInfo, { file = '', line, expected, found }: Violation): void {
    if (this.ignored.has(rule.id)) return;
    let entry = this.byRule.get(rule.id);
    if (!entry) this.byRule.set(rule.id, (entry = { rule, count: 0, findings: [] }));
    if (entry.findings.length >= LIMITS.findings) {
      entry.count += 1;
      return;
    }
    const finding: Finding = {
      ...{ rule: rule.id, severity: rule.severity, file: shown(file, 300) },
      ...(line === undefined ? {} : { line }),
      ...{ expected: shown(expected), found: shown(found) },
    };
    // What two manifests name is looked at for each of them.
    if (entry.findings.some((known) => isDeepStrictEqual(known, finding))) return;
    entry.count += 1;
    entry.findings.push(finding);
  }

  /** Whether a file has findings of rules whose ids begin so. */
  has(prefix: string, file: string): boolean {
    for (const [id, { findings }] of this.byRule) {
      if (id.startsWith(prefix) && findings.some((finding) => finding.file === file)) return true;
    }
    return false;
  }

  /** Errors first, then by id. */
  list(): RuleFindings[] {
    const order = ({ rule }: RuleFindings): string => `${rule.severity === 'error' ? 0 : 1} ${rule.id}`;
    return [...this.byRule.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  count(severity: Severity): number {
    return this.list().reduce((sum, { rule, count }) => sum + (rule.severity === severity ? count : 0), 0);
  }

  /** Number of rules that were applied to something. */
  get rules(): number {
    return this.applied.size;
  }
}
