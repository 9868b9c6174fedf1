import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { matrixTable } from './matrix.js';

const DOCS = resolve('docs/players.md');
const TABLE = /(<!-- matrix: [^>]* -->\n)[\s\S]*?(<!-- \/matrix -->)/;

it('docs/players.md holds the matrix that the tests play (write it with vitest -u)', async () => {
  const docs = await readFile(DOCS, 'utf8');
  expect(docs).toMatch(TABLE);
  const updated = docs.replace(
    TABLE,
    (_, start: string, end: string) => `${start}\n${matrixTable()}\n\n${end}`,
  );
  const options = { ...(await resolveConfig(DOCS)), parser: 'markdown' };
  await expect(await format(updated, options)).toMatchFileSnapshot(DOCS);
});
