import { readFile, writeFile } from 'node:fs/promises';

/** Replaces the part of a document between this benchmark's two markers, which must be there. */
export async function writeSection(name: string, body: string, path = 'docs/benchmarks.md'): Promise<void> {
  const [open, close] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = await readFile(path, 'utf8');
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < from) throw new RangeError(`${path} has no section ${name}`);
  await writeFile(path, `${text.slice(0, from + open.length)}\n\n${body.trim()}\n\n${text.slice(to)}`);
}
