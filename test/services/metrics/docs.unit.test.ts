import { readFile, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { alerts, knownMetrics } from '../../deploy/expressions.js';

const DOCS = resolve('docs/operations.md');
const TABLE = /(<!-- metrics: [^>]* -->\n)[\s\S]*?(\n<!-- \/metrics -->)/;

/** Text between `<!-- name -->` and `<!-- /name -->`. */
function section(docs: string, name: string): string {
  const found = new RegExp(`<!-- ${name} -->([\\s\\S]*?)<!-- /${name} -->`).exec(docs)?.[1];
  if (found === undefined) throw new Error(`no section ${name} in ${DOCS}`);
  return found;
}
const rows = (text: string): string[] => [...text.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);

function metricsTable(): string {
  const own = knownMetrics().filter(({ name }) => name.startsWith('hullcast_'));
  const lines = own
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help, labelNames }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels} | ${help.replace(/\.$/, '')} |`;
    });
  return ['| metric | type | labels | what it is |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

describe('docs/operations.md', () => {
  it('holds the table of metrics that the registry gives (write it with vitest -u)', async () => {
    const docs = await readFile(DOCS, 'utf8');
    expect(docs).toMatch(TABLE);
    const updated = docs.replace(
      TABLE,
      (_, start: string, end: string) => `${start}\n${metricsTable()}\n${end}`,
    );
    await expect(await format(updated, { parser: 'markdown' })).toMatchFileSnapshot(DOCS);
  });

  it('says of each alert what to do', async () => {
    const documented = rows(section(await readFile(DOCS, 'utf8'), 'alerts'));
    expect(documented).toEqual(alerts().map(({ alert }) => alert));
  });

  it('names every variable that the files in deploy/ set, and the sources of services read', async () => {
    const documented = rows(section(await readFile(DOCS, 'utf8'), 'environment'));
    const files = (await readdir(resolve('deploy'), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('secrets'),
    );
    const texts = await Promise.all(
      files.map(({ parentPath, name }) => readFile(resolve(parentPath, name), 'utf8')),
    );
    const set = texts.join('\n').match(/\b(?:HULLCAST|AWS|OTEL)_[A-Z0-9_]+\b/g)!;
    expect(set.length).toBeGreaterThan(20);
    expect([...new Set(set)].filter((name) => !documented.includes(name))).toEqual([]);
  });
});
