import { join } from 'node:path';
import { chunkStage, toneMapStage, toneMappingOf } from '../../src/chunker/index.js';
import { imageEncoder, imagesStage } from '../../src/images/index.js';
import { DEFAULT_LIMITS, type IngestResult, ingestStage, inspectStage } from '../../src/ingest/index.js';
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
import { FRAMES, GOP, MASTERS, type Master, makeMaster, makeRendition } from './master.js';

/** Shots so short that there are as many pieces of the preview as in a long title, ten. */
const SHOTS = { minFrames: 3, maxFrames: 5 };

/** What a stage took of a master. */
export interface StageMemory {
  stage: string;
  /** Of its processes, together where some run at a time, bytes. */
  peakBytes: number;
}

type RunStage = <P, R>(stage: Stage<P, R>, params: P) => Promise<R>;

/** From the picture as ingest left it to its images. */
async function picture(run: RunStage, ingest: IngestResult): Promise<void> {
  const { picture } = ingest;
  await run(inspectStage, { ingest });
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

/** Runs the stages of a title over a master, all but its encodes. */
async function measureMaster(master: Master, lab: Lab): Promise<StageMemory[]> {
  const taken: StageMemory[] = [];
  const run: RunStage = async (stage, params) => {
    const { result, processes } = await lab.run(stage, params);
    taken.push({ stage: stage.name, peakBytes: peakTogether(processes) });
    return result;
  };
  const source = await lab.put(await makeMaster(master));
  const ingest = await run(ingestStage, { name: 'master.mov', source, limits: DEFAULT_LIMITS });
  if (master.turned === true) return taken;
  await picture(run, ingest);
  const audios = await sound(run, source, ingest);
  if (master.ships === true) {
    await shipped(run, ingest.picture, await lab.put(await makeRendition(master)), audios);
  }
  return taken;
}

/** All masters, with what each stage took; what is in the folder `keptIn` already is not measured again. */
export async function measureStages(keptIn: string): Promise<{ master: Master; stages: StageMemory[] }[]> {
  const measured: { master: Master; stages: StageMemory[] }[] = [];
  for (const master of MASTERS) {
    say(`${master.name} …`);
    const stages = await kept(join(keptIn, `${master.name}.json`), { master, SHOTS }, async () => {
      const lab = await openLab();
      try {
        return await measureMaster(master, lab);
      } finally {
        await lab.close();
      }
    });
    measured.push({ master, stages });
  }
  return measured;
}
