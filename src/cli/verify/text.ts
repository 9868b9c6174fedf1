import type { Conformance, Finding, RuleFindings, RuleInfo } from '../../conformance/index.js';
import { plural } from '../../report/index.js';

/** Where something was found: the file, and the line of a manifest. */
function place({ file, line }: Finding): string {
  return line === undefined ? file : `${file}:${line}`;
}

function lineOf(finding: Finding): string {
  return `    ${place(finding)}: expected ${finding.expected}, found ${finding.found}`;
}

/** What was found of one rule: the rule, what it asks, and every place where it is broken. */
function group({ rule, count, findings }: RuleFindings): string {
  const more = count - findings.length;
  return [
    `${rule.id}  ${rule.severity}  ${plural(count, 'finding')}`,
    `  ${rule.asks} (${rule.reference})`,
    ...findings.map(lineOf),
    ...(more > 0 ? [`    … and ${more} more`] : []),
  ].join('\n');
}

/** `2 errors and 1 warning`. */
export function countsText({ errors, warnings }: Pick<Conformance, 'errors' | 'warnings'>): string {
  const parts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return parts.length > 0 ? parts.join(' and ') : 'no findings';
}

/** Findings by rule, errors first, and a summary. */
export function conformanceText(result: Conformance): string {
  const { findings, rules, files } = result;
  const summary = `${plural(rules, 'rule')} applied to ${plural(files, 'file')}: ${countsText(result)}.`;
  return [...findings.map(group), summary].join('\n\n');
}

/** What `--rules` lists of a rule. */
export function ruleText({ id, severity, profile, reference, asks }: RuleInfo): string {
  const when = profile === undefined ? severity : `${severity}, profile ${profile}`;
  return `${id} (${when})\n  ${asks}\n  ${reference}`;
}
