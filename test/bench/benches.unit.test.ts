import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BENCHES } from '../../bench/benches.js';

it('every benchmark that the documents name can be run, and each is named by one', async () => {
  const docs = (await readdir('docs', { recursive: true })).map((name) => join('docs', name));
  const files = ['README.md', 'CONTRIBUTING.md', ...docs].filter((path) => path.endsWith('.md'));
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/npm run bench -- ([a-z]+)/g)].map(([, name]) => name!),
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(BENCHES).sort());
});
