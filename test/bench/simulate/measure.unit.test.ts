import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costsOf } from '../../../bench/simulate/measure.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-measure-'));
});
afterAll(() => rm(folder, { recursive: true }));

const report = {
  title: { frames: 50, width: 1920, height: 1080 },
  shots: [
    { startFrame: 0, endFrame: 30 },
    { startFrame: 30, endFrame: 50 },
  ],
  probes: [
    { shot: 0, width: 1920, height: 1080, crf: 29, bits: 1000 },
    // As many bits of another shot: told apart by its frames.
    { shot: 1, width: 1280, height: 720, crf: 31, bits: 1000 },
  ],
  renditions: [{ width: 1920, height: 1080, bits: 2000 }],
  cost: { cpuSeconds: { ingest: 3, encode: 5, hullcast: 0.4 }, encodes: 2, cacheHits: 0 },
};
const encode = (frames: number, cpuSeconds: object): object => ({
  ...{ stage: 'encode', blobs: [{ bytes: 125 }], cost: { cpuSeconds: 9 } },
  result: { frames, bits: 1000, cpuSeconds },
});
const records = {
  'ingest/a': {
    stage: 'ingest',
    result: { source: { bytes: 777 } },
    blobs: [],
    cost: { cpuSeconds: 3.00001 },
  },
  'encode/b': encode(20, { encode: 1, score: 0.5 }),
  'encode/c': encode(30, { encode: 2, score: 1.5 }),
};

async function homeWith(
  files: Record<string, object>,
  name: string,
): Promise<{ home: string; title: string }> {
  const [home, title] = [join(folder, name, 'home'), join(folder, name, 'title')];
  for (const [key, value] of Object.entries(files)) {
    const path = join(home, 'store', 'records', `${key}.json`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(value));
  }
  await mkdir(title, { recursive: true });
  await writeFile(join(title, 'report.json'), JSON.stringify(report));
  return { home, title };
}

describe('measuring a home', () => {
  test('takes each stage’s cost, and the size and crf of every encode from the report', async () => {
    const { home, title } = await homeWith(records, 'whole');
    expect(await costsOf(home, title)).toEqual({
      master: { frames: 50, width: 1920, height: 1080, bytes: 777 },
      ownShare: 0.05,
      stages: [{ stage: 'ingest', cpuSeconds: 3, files: 0, bytes: 0 }],
      rungs: [{ width: 1920, height: 1080, bits: 2000 }],
      encodes: [
        [0, 1920, 1080, 29, 30, 1000, 2, 1.5],
        [1, 1280, 720, 31, 20, 1000, 1, 0.5],
      ],
    });
  });

  test('refuses a home that is not that title’s', async () => {
    const { 'encode/c': _gone, ...fewer } = records;
    const { home, title } = await homeWith(fewer, 'fewer');
    await expect(costsOf(home, title)).rejects.toMatchObject({ code: 'BENCH_MEASURED' });
    const other = await homeWith({ ...records, 'encode/c': encode(31, { encode: 2, score: 1 }) }, 'other');
    await expect(costsOf(other.home, other.title)).rejects.toMatchObject({ code: 'BENCH_MEASURED' });
  });
});
