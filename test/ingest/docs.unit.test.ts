import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../src/ingest/index.js';

const docs = readFileSync('docs/findings.md', 'utf8');

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

const code = sources('src/ingest');

/** Rows of all tables that begin with a code, as [code, second column]. */
const rows = [...docs.matchAll(/^\| `([^`]+)` +\| ([^|]+) +\|/gm)].map(([, name = '', second = '']) => [
  name,
  second.trim(),
]);

describe('docs/findings.md', () => {
  it('has every finding once, with its severity', () => {
    const documented = rows.filter(([name]) => !name?.startsWith('MASTER_'));
    expect(documented.toSorted()).toEqual(Object.entries(FINDINGS).toSorted());
  });

  it('has every rejection of the source once, and no other', () => {
    const documented = rows.map(([name]) => name).filter((name) => name?.startsWith('MASTER_'));
    const thrown = [...new Set([...code.matchAll(/'(MASTER_[A-Z_]+)'/g)].map(([, name]) => name))];
    expect(documented.toSorted()).toEqual(thrown.toSorted());
  });

  it('has no finding that nothing raises', () => {
    const raised = new Set(
      [...code.matchAll(/(?:finding|rangeFindings)\(\s*'([a-z-]+)'/g)].map(([, name]) => name),
    );
    expect([...raised].toSorted()).toEqual(Object.keys(FINDINGS).toSorted());
  });
});
