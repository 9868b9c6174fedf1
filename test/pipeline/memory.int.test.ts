import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { paramsOf } from '../../bench/memory/case.js';
import {
  type EncodeParams,
  type EncodedChunk,
  type Resolution,
  encodeStage,
  probeStage,
} from '../../src/encode/index.js';
import { type Pipeline, type Stage, openPipeline } from '../../src/pipeline/index.js';
import { TOOLS, homes, silent, sleep } from './support.js';

const HD: Resolution = { width: 1280, height: 720 };
const UHD: Resolution = { width: 3840, height: 2160 };

let fixtures: Awaited<ReturnType<typeof homes>>;
let pipeline: Pipeline | undefined;
beforeAll(async () => {
  fixtures = await homes();
});
afterAll(() => fixtures.cleanUp());
afterEach(async () => {
  await pipeline?.close();
  pipeline = undefined;
});

type Encode = Stage<EncodeParams, EncodedChunk>;
type Idle = Stage<EncodeParams, { crf: number }>;

/** Runs that are under way, and the most that were at a time. */
const runs = { now: 0, most: 0, waitMs: 0 };

/** How long a run waits for another one to begin: for good where they have to run together. */
const [APART_MS, TOGETHER_MS] = [300, 20_000];

/** A stage that says what the real one says, and encodes nothing. */
const idle = (stage: Encode): Idle => ({
  ...stage,
  async run({ crf }) {
    runs.most = Math.max(runs.most, (runs.now += 1));
    for (let waited = 0; waited < runs.waitMs && runs.most < 2; waited += 10) await sleep(10);
    runs.now -= 1;
    return { crf };
  },
});

const open = async (stages: Idle[], memory: number): Promise<Pipeline> =>
  (pipeline = await openPipeline({
    home: await fixtures.make(),
    stages,
    tools: TOOLS,
    log: silent,
    slots: 2,
    memory,
  }));

let titles = 0;

/** Makes two encodes of a picture of this size; gives how many ran at a time. */
async function atATime(
  stages: readonly [Idle, Idle],
  reference: Resolution,
  waitMs: number,
): Promise<number> {
  Object.assign(runs, { most: 0, waitMs });
  const params = paramsOf({ codec: 'hevc', reference }, { sha256: '', bytes: 0 });
  const name = `t${(titles += 1)}`;
  const { result } = await pipeline!.run(name, (t) =>
    Promise.all(stages.map((stage, n) => t.run(stage, { ...params, crf: 2 * titles + n }, String(n)))),
  );
  expect(result).toHaveLength(2);
  return runs.most;
}

describe('two encodes in a process with two places', () => {
  it('run one after the other in 2160p where 3 GB are theirs, and together in 720p, probes as well', async () => {
    const [probe, encode] = [idle(probeStage), idle(encodeStage)];
    await open([probe, encode], 3e9);
    expect(await atATime([encode, encode], UHD, APART_MS)).toBe(1);
    expect(await atATime([probe, encode], UHD, APART_MS)).toBe(1);
    expect(await atATime([encode, encode], HD, TOGETHER_MS)).toBe(2);
    expect(await atATime([probe, encode], HD, TOGETHER_MS)).toBe(2);
  });

  it('run together in 2160p too where 6 GB are theirs', async () => {
    const encode = idle(encodeStage);
    await open([encode], 6e9);
    expect(await atATime([encode, encode], UHD, TOGETHER_MS)).toBe(2);
  });
});
