import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { PROFILES, RULES, ruleTable } from '../../src/conformance/index.js';

const DOCS = resolve('docs/verify.md');
const TABLE = /(<!-- rules: [^>]* -->\n)[\s\S]*?(\n?<!-- \/rules -->)/;

describe('docs/verify.md', () => {
  it('holds the table of all rules (write it with vitest -u)', async () => {
    const docs = await readFile(DOCS, 'utf8');
    expect(docs).toMatch(TABLE);
    const updated = docs.replace(
      TABLE,
      (_, start: string, end: string) =>
        `${start}\n${ruleTable()}\n${end.startsWith('\n') ? end : `\n${end}`}`,
    );
    await expect(await format(updated, { parser: 'markdown' })).toMatchFileSnapshot(DOCS);
  });

  it('explains every profile', async () => {
    const docs = await readFile(DOCS, 'utf8');
    for (const profile of PROFILES) expect(docs).toMatch(new RegExp(`^\\| \`${profile}\` `, 'm'));
  });
});

describe('rules', () => {
  it('have ids of their own, in capitals, that begin with their family', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^(SOURCE|ISO|CMAF|CENC|HLS|APPLE|DASH)(-[A-Z0-9]+)+$/);
    for (const { id, profile } of RULES) {
      expect(profile === 'apple', id).toBe(id.startsWith('APPLE-'));
      if (profile === 'cmaf') expect(id).toMatch(/^CMAF-/);
      if (profile === 'dash-if') expect(id).toMatch(/^DASH-/);
    }
  });

  it('say what they ask for, and where that is written', () => {
    for (const { id, asks, reference } of RULES) {
      expect(asks, id).toMatch(/^\S+( \S+){2,}/);
      expect(asks, id).not.toMatch(/\.$/);
      expect(reference, id).toMatch(/\d|^hullcast$/);
    }
  });
});
