import { join } from 'node:path';
import { chunkStage, toneMapStage, toneMappingOf } from '../../src/chunker/index.js';
import { imageEncoder, imagesStage } from '../../src/images/index.js';
import {
  DEFAULT_LIMITS,
  type IngestResult,
  type NormalisedPicture,
  ingestStage,
  inspectStage,
} from '../../src/ingest/index.js';
import {
  type AudioRendition,
  type VideoInput,
  audioPlan,
  audioStage,
  packageStage,
  verifyStage,
} from '../../src/package/index.js';
import type { BlobRef, Stage } from '../../src/pipeline/index.js';
import { kept } from '../kept.js';
import { say } from '../setting.js';
import { type Lab, openLab, peakTogether } from './lab.js';
import { FRAMES, GOP, MASTERS, type Master, makeLong, makeMaster, makeRendition } from './master.js';

/** The picture that is cut is so many times the master's: as many seconds as pieces of them make the preview, in shots of one. */
const TIMES = 4;
const SHOTS = { minFrames: 13, maxFrames: 25 };

/** What a stage took of a master. */
export interface StageMemory {
  stage: string;
  /** Of its processes, together where some run at a time, bytes. */
  peakBytes: number;
}

type RunStage = <P, R>(stage: Stage<P, R>, params: P) => Promise<R>;

/** What is done to shots, which are long enough that a decoder has all its frames, as those of titles. */
async function shots(run: RunStage, picture: NormalisedPicture): Promise<void> {
  const { shots, chunks } = await run(chunkStage, { picture, ...SHOTS });
  const mapping = toneMappingOf(picture);
  const [chunk] = chunks;
  if (mapping && chunk) {
    const frames = chunk.endFrame - chunk.startFrame;
    const { fps, colour } = picture;
    await run(toneMapStage, { chunk, frames, fps, matrix: colour.matrix, mapping, picture });
  }
  const encoder = await imageEncoder();
  await run(imagesStage, { picture, shots, chunks, posters: 2, encoder, ...(mapping ? { mapping } : {}) });
}

async function sound(run: RunStage, source: BlobRef, ingest: IngestResult): Promise<AudioRendition[]> {
  const { demuxer, audio } = ingest;
  const { frames, fps } = ingest.picture;
  const audios: AudioRendition[] = [];
  for (const planned of audioPlan(audio)) {
    audios.push(await run(audioStage, { ...planned, source, demuxer, frames, fps }));
  }
  return audios;
}

async function shipped(
  run: RunStage,
  { width, height, fps }: IngestResult['picture'],
  blob: BlobRef,
  audios: AudioRendition[],
): Promise<void> {
  const bitrate = Math.round((8 * blob.bytes * fps.num) / (FRAMES * fps.den));
  const video: VideoInput = {
    ...{ id: `video-${height}`, blob, width, height, frames: FRAMES, fps, segmentStarts: [0, GOP] },
    ...{ averageBitrate: bitrate, peakBitrate: bitrate },
  };
  const title = { videos: [video], audios, segmentSeconds: GOP / 24 };
  const { files } = await run(packageStage, title);
  await run(verifyStage, { ...title, files });
}

/** Runs stages and notes what each took. */
function noting(lab: Lab, taken: StageMemory[]): RunStage {
  return async (stage, params) => {
    const { result, processes } = await lab.run(stage, params);
    taken.push({ stage: stage.name, peakBytes: peakTogether(processes) });
    return result;
  };
}

const ingested = async (run: RunStage, source: BlobRef): Promise<IngestResult> =>
  run(ingestStage, { name: 'master.mov', source, limits: DEFAULT_LIMITS });

/** Stages of which the whole title is one job, but for those that cut it. */
async function measureWhole(master: Master, lab: Lab): Promise<StageMemory[]> {
  const taken: StageMemory[] = [];
  const run = noting(lab, taken);
  const source = await lab.put(await makeMaster(master));
  const ingest = await ingested(run, source);
  if (master.turned === true) return taken;
  await run(inspectStage, { ingest });
  const audios = await sound(run, source, ingest);
  if (master.ships === true) {
    await shipped(run, ingest.picture, await lab.put(await makeRendition(master)), audios);
  }
  return taken;
}

/** Stages that cut the title, and that work on what was cut. */
async function measureShots(master: Master, lab: Lab): Promise<StageMemory[]> {
  const taken: StageMemory[] = [];
  if (master.turned === true) return taken;
  const { picture } = await ingested(noting(lab, []), await lab.put(await makeMaster(master)));
  const blob = await lab.put(await makeLong(master, TIMES));
  await shots(noting(lab, taken), { ...picture, blob, frames: TIMES * FRAMES });
  return taken;
}

/** What `measure` gives in a lab of its own, unless the file has it already. */
async function keptOrMeasured(
  path: string,
  from: unknown,
  measure: (lab: Lab) => Promise<StageMemory[]>,
): Promise<StageMemory[]> {
  return kept(path, from, async () => {
    const lab = await openLab();
    try {
      return await measure(lab);
    } finally {
      await lab.close();
    }
  });
}

/** All masters, with what each stage took; what is in the folder `keptIn` already is not measured again. */
export async function measureStages(keptIn: string): Promise<{ master: Master; stages: StageMemory[] }[]> {
  const measured: { master: Master; stages: StageMemory[] }[] = [];
  for (const master of MASTERS) {
    say(`${master.name} …`);
    const path = (part: string): string => join(keptIn, `${master.name}, ${part}.json`);
    const stages = [
      ...(await keptOrMeasured(path('whole'), { master }, (lab) => measureWhole(master, lab))),
      ...(await keptOrMeasured(path('shots'), { master, SHOTS, TIMES }, (lab) => measureShots(master, lab))),
    ];
    measured.push({ master, stages });
  }
  return measured;
}
