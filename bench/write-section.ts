import { readFile, writeFile } from 'node:fs/promises';

const PATH = 'docs/benchmarks.md';

/** Replaces the part of docs/benchmarks.md between this benchmark's two markers, which must be there. */
export async function writeSection(name: string, body: string): Promise<void> {
  const [open, close] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = await readFile(PATH, 'utf8');
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < from) throw new RangeError(`${PATH} has no section ${name}`);
  await writeFile(PATH, `${text.slice(0, from + open.length)}\n\n${body.trim()}\n\n${text.slice(to)}`);
}
