import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TEXT_FINDINGS } from '../../src/text/index.js';

const docs = readFileSync('docs/text.md', 'utf8');
const rows = [...docs.matchAll(/^\| `(text-[a-z-]+)` +\| ([a-z]+) +\|/gm)].map(
  ([, code = '', severity = '']) => [code, severity],
);

it('docs/text.md has every finding once, with its severity', () => {
  expect(rows).toEqual(Object.entries(TEXT_FINDINGS));
});

it('every finding is raised by something', () => {
  const sources = readdirSync('src/text', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join('src/text', path), 'utf8'))
    .join('\n');
  const raised = new Set([...sources.matchAll(/\.add\(\s*'(text-[a-z-]+)'/g)].map(([, code]) => code));
  expect([...raised].sort()).toEqual(Object.keys(TEXT_FINDINGS));
});
