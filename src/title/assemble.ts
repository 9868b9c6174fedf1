import {
  type AssembleParams,
  type Codec,
  type Resolution,
  assembleStage,
  segmentStartsOf,
} from '../encode/index.js';
import type { ChunkResult } from '../chunker/index.js';
import { toNumber } from '../media/index.js';
import type { JobSpec, TitleContext } from '../pipeline/index.js';
import { pool } from '../vmaf/index.js';
import type { TitleOptions } from './options.js';
import { type Sources, sourceFor } from './pictures.js';
import type { TitleRendition } from './rendition.js';
import type { SearchResult } from './search-run.js';

/** Joins what the searches chose into continuous renditions, those of the first codec first. */
export async function assemble(
  t: TitleContext,
  searches: readonly SearchResult[],
  sources: Sources,
  options: TitleOptions,
): Promise<TitleRendition[]> {
  const { chunked } = sources.master;
  const rungs = searches.flatMap(({ input: { codec }, rungs }) => rungs.map((rung) => ({ codec, ...rung })));
  const segmentStarts = segmentStartsOf(chunked.shots, chunked.fps, options.segmentSeconds);
  const jobs = rungs.map((rung): JobSpec<AssembleParams> => {
    const chunks = rung.chosen.map(({ encoded: { blob, frames, bits, parameterSets } }) => ({
      ...{ blob, frames, bits, parameterSets },
    }));
    return { id: rungId(rung, chunked), params: { fps: chunked.fps, chunks, segmentStarts } };
  });
  const assembled = await t.stages(assembleStage, jobs);
  return rungs.map((rung, i): TitleRendition => {
    const { blob, frames, bits, averageBitrate, peakBitrate } = assembled[i]!;
    const { picture } = sourceFor(rung.codec, sources);
    return {
      id: jobs[i]!.id,
      codec: rung.codec,
      colour: picture.colour,
      ...(picture.hdr ? { hdr: picture.hdr } : {}),
      ...rung.resolution,
      blob,
      frames,
      fps: chunked.fps,
      averageBitrate,
      peakBitrate,
      segmentStarts,
      bits,
      // Over all frames of the title, not a mean of the chunks' means.
      vmaf: pool(rung.chosen.flatMap(({ encoded }) => encoded.score.frameScores)),
      chosen: rung.chosen,
    };
  });
}

/** Name of a rung, e.g. `h264-1080p-3476k`: rungs differ in bit rate by 1% at least, so it is unique in a title. */
function rungId(rung: { codec: Codec; bits: number; resolution: Resolution }, chunked: ChunkResult): string {
  const kbits = (rung.bits * toNumber(chunked.fps)) / chunked.frames / 1000;
  const { width, height } = rung.resolution;
  return `${rung.codec}-${Math.min(width, height)}p-${kbits < 100 ? kbits.toFixed(2) : Math.round(kbits)}k`;
}
