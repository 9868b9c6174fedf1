import { RULES } from './all.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The rules as a Markdown table; docs/verify.md holds it, and a test compares the two. */
export function ruleTable(): string {
  const rows = RULES.map(({ id, severity, profile, reference, asks }) => {
    return `| \`${id}\` | ${severity} | ${profile ?? ''} | ${cell(asks)} | ${cell(reference)} |`;
  });
  return ['| rule | severity | profile | what it asks | reference |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}
