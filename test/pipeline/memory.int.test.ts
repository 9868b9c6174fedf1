import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
let home: string;
let pipeline: Pipeline | undefined;
beforeAll(async () => {
  fixtures = await homes();
});
afterAll(() => fixtures.cleanUp());
beforeEach(async () => {
  home = await fixtures.make();
});
afterEach(async () => {
  await pipeline?.close();
  pipeline = undefined;
});

/** A stage that says what the real one says, and encodes nothing. A run lasts until another has begun, or for a while. */
function idle(stage: Stage<EncodeParams, EncodedChunk>, waitMs: number) {
  let [running, most] = [0, 0];
  const idling: Stage<EncodeParams, { crf: number }> = {
    ...stage,
    async run({ crf }) {
      most = Math.max(most, (running += 1));
      for (let waited = 0; waited < waitMs && most < 2; waited += 10) await sleep(10);
      running -= 1;
      return { crf };
    },
  };
  return { idling, most: () => most };
}

/** Makes two encodes with two places; gives how many ran at a time. */
async function atATime(
  stage: Stage<EncodeParams, EncodedChunk>,
  reference: Resolution,
  memory: number,
  waitMs: number,
): Promise<number> {
  const { idling, most } = idle(stage, waitMs);
  pipeline = await openPipeline({ home, stages: [idling], tools: TOOLS, log: silent, slots: 2, memory });
  const params = paramsOf({ codec: 'hevc', reference }, { sha256: '', bytes: 0 });
  const jobs = [20, 30].map((crf) => ({ id: String(crf), params: { ...params, crf } }));
  const { result } = await pipeline.run('t', (t) => t.stages(idling, jobs));
  expect(result).toEqual([{ crf: 20 }, { crf: 30 }]);
  return most();
}

describe.each([encodeStage, probeStage])('two jobs of $name, on a machine with two places', (stage) => {
  it('run one after the other in 2160p where 3 GB are theirs', async () => {
    expect(await atATime(stage, UHD, 3e9, 500)).toBe(1);
  });

  it('run together in 720p there', async () => {
    expect(await atATime(stage, HD, 3e9, 10_000)).toBe(2);
  });

  it('run together in 2160p too where 6 GB are theirs', async () => {
    expect(await atATime(stage, UHD, 6e9, 10_000)).toBe(2);
  });

  it('run alone, and run, where not even one fits', async () => {
    expect(await atATime(stage, UHD, 1e9, 200)).toBe(1);
  });
});
