import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parseConfigFile } from '../../src/cli/config/file.js';
import { configTable } from '../../src/cli/config/table.js';

const DOCS = resolve('docs/configuration.md');
const TABLE = /(<!-- keys: [^>]* -->\n)[\s\S]*?(\n<!-- \/keys -->)/;

describe('docs/configuration.md', () => {
  it('holds the table of keys that the schema gives (write it with vitest -u)', async () => {
    const docs = await readFile(DOCS, 'utf8');
    expect(docs).toMatch(TABLE);
    const updated = docs.replace(
      TABLE,
      (_, start: string, end: string) => `${start}\n${configTable()}\n${end}`,
    );
    await expect(await format(updated, { parser: 'markdown' })).toMatchFileSnapshot(DOCS);
  });

  it('shows a configuration that is accepted', async () => {
    const docs = await readFile(DOCS, 'utf8');
    const examples = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(() => parseConfigFile(example, 'docs')).not.toThrow();
  });
});
