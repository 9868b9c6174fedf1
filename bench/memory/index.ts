import { encodeStage } from '../../src/encode/index.js';
import { writeJson } from '../kept.js';
import { markdownTable } from '../table.js';
import { writeSection } from '../write-section.js';
import { nameOf, paramsOf } from './case.js';
import { declaredMemory } from './declared.js';
import { measureEncodes } from './encodes.js';
import { measureStages } from './stages.js';

const DOCUMENT = 'docs/decisions/0015-cluster.md';
const KEPT = '.bench/memory';
/** Where unit tests find what was measured: what stages say must not be less. */
const FOR_TESTS = { encodes: 'test/encode/memory.json', stages: 'test/title/stage-memory.json' };
const MB = 1e6;

const megabytes = (bytes: number): string => (bytes / MB).toFixed(0);
const toSpare = (declared: number, measured: number): string =>
  declared === 0 ? '–' : `${(100 * (declared / measured - 1)).toFixed(0)}%`;

async function encodesTable(): Promise<string> {
  const rows: string[][] = [];
  const forTests: unknown[] = [];
  for (const { one, peaks } of await measureEncodes(KEPT)) {
    const { codec, preset, bitDepth, resolution, reference } = paramsOf(one, { sha256: '', bytes: 0 });
    const { encode, score } = peaks;
    const declared = encodeStage.memory?.(paramsOf(one, { sha256: '', bytes: 0 })) ?? 0;
    const spare = toSpare(declared, Math.max(encode, score));
    rows.push([nameOf(one), ...[encode, score, declared].map(megabytes), spare]);
    const params = { codec, preset, bitDepth, resolution, reference };
    forTests.push({ name: nameOf(one), params, encode, score });
  }
  await writeJson(FOR_TESTS.encodes, forTests);
  return markdownTable(['encode', 'encoding, MB', 'scoring, MB', 'said, MB', 'to spare'], rows);
}

async function stagesTable(): Promise<string> {
  const rows: string[][] = [];
  const forTests: unknown[] = [];
  for (const { master, stages } of await measureStages(`${KEPT}/stages`)) {
    const picture = { ...master.size, pixelFormat: master.video[1] ?? '' };
    for (const { stage, peakBytes } of stages) {
      const bytes = declaredMemory(stage, picture);
      const said = bytes === 0 ? '–' : megabytes(bytes);
      rows.push([master.name, stage, megabytes(peakBytes), said, toSpare(bytes, peakBytes)]);
      forTests.push({ master: master.name, stage, picture, peakBytes });
    }
  }
  await writeJson(FOR_TESTS.stages, forTests);
  return markdownTable(['master', 'stage', 'its processes, MB', 'said, MB', 'to spare'], rows);
}

/** What stages take of a machine's memory, and what they say that they do. */
export async function memoryBench(): Promise<void> {
  const body = [
    'Peak resident memory (`npm run bench -- memory`) of encodes of a generated noisy picture of two seconds or more:',
    await encodesTable(),
    'And of the other stages, with generated masters of two seconds, of eight where they are cut:',
    await stagesTable(),
  ].join('\n\n');
  await writeSection('memory', body, DOCUMENT);
  process.stdout.write(`${body}\n`);
}
