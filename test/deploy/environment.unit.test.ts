import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const filesOf = (folder: string, ends: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ends.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

it('every variable that the code reads is in a document', () => {
  const read = [...filesOf('src', /\.ts$/), ...filesOf('workers', /\.ts$/)]
    .flatMap((text) => text.match(/\benv(?:\['|\.)HULLCAST_[A-Z_]+/g) ?? [])
    .map((text) => text.replace(/^.*HULLCAST/, 'HULLCAST'));
  expect(read.length).toBeGreaterThan(20);
  const documents = filesOf('docs', /\.md$/).join('\n');
  expect([...new Set(read)].filter((name) => !documents.includes(name))).toEqual([]);
});
