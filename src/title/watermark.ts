import type { ChunkResult } from '../chunker/index.js';
import {
  type AssembleParams,
  type EncodeParams,
  type Resolution,
  type WatermarkParams,
  assembleStage,
  encodeStage,
} from '../encode/index.js';
import { badUsage } from '../errors.js';
import type { JobSpec, TitleContext } from '../pipeline/index.js';
import { pool } from '../vmaf/index.js';
import {
  VARIANTS,
  type Variant,
  type WatermarkRecord,
  keyIdOf,
  readWatermarkKey,
} from '../watermark/index.js';
import type { TitleOptions, WatermarkOptions } from './options.js';
import { type Sources, sourceFor } from './pictures.js';
import type { TitleRendition } from './rendition.js';
import { type Probe, encodeParams } from './search-run.js';

/** Marks of one title: public, the key stays in its file. */
export type Mark = WatermarkOptions & Pick<WatermarkParams, 'keyId' | 'salt'>;

/** Throws WATERMARK_KEY where this process has no key. */
export async function markOf(
  options: WatermarkOptions | undefined,
  masterSha256: string,
): Promise<Mark | undefined> {
  if (!options) return undefined;
  const master = await readWatermarkKey(process.env);
  return { ...options, keyId: keyIdOf(master), salt: masterSha256 };
}

/** Those of the sizes that are marked. Throws WATERMARK_RUNGS where none is: such a title would ship without any mark. */
export function largeEnough<S extends Resolution>(
  sizes: readonly S[],
  { fromHeight }: Pick<WatermarkOptions, 'fromHeight'>,
): S[] {
  const shorter = ({ width, height }: Resolution): number => Math.min(width, height);
  const large = sizes.filter((size) => shorter(size) >= fromHeight);
  if (large.length > 0) return large;
  const most = Math.max(...sizes.map(shorter));
  throw badUsage(
    'WATERMARK_RUNGS',
    `renditions are marked from ${fromHeight} lines on, and the largest of this title has ${most}`,
    `Say --watermark-from ${most} or less, or leave out --watermark.`,
  );
}

/** A rendition of which there are two. */
export interface MarkedRendition {
  plain: TitleRendition;
  variants: Record<Variant, TitleRendition>;
  /** CPU of both variants' encodes and of scoring them, seconds. */
  cpuSeconds: number;
}

interface Piece {
  probe: Probe;
  variant: Variant;
  job: JobSpec<EncodeParams>;
}

/** One encode of a chunk that a rendition took, once more with a mark. */
function piece(
  { codec, segmentStarts }: TitleRendition,
  probe: Probe,
  variant: Variant,
  { mark, sources, options }: MarkRequest,
): Piece {
  const { picture, chunked } = sourceFor(codec, sources);
  const choice = options.codecs.find((one) => one.codec === codec)!;
  const firstSegment = segmentStarts.indexOf(chunked.shots[probe.shot]!.startFrame);
  const { keyId, salt } = mark;
  const { width, height } = probe.resolution;
  return {
    ...{ probe, variant },
    job: {
      id: `${codec}-${probe.shot}-${width}x${height}-${probe.crf}-${variant}`,
      params: {
        ...encodeParams(choice, probe, picture, chunked, options),
        watermark: { variant, keyId, salt, firstSegment },
      },
    },
  };
}

export interface MarkRequest {
  mark: Mark;
  sources: Sources;
  options: TitleOptions;
  chunked: ChunkResult;
}

/**
 * Encodes every chunk of the renditions that are marked twice more, with what the search decided, and scores it: what ships
 * is what was scored here too. Throws WATERMARK_RUNGS.
 */
export async function markedRenditions(
  t: TitleContext,
  renditions: readonly TitleRendition[],
  request: MarkRequest,
): Promise<MarkedRendition[]> {
  const plain = largeEnough(renditions, request.mark);
  const pieces = plain.flatMap((rendition) =>
    VARIANTS.flatMap((variant) => rendition.chosen.map((probe) => piece(rendition, probe, variant, request))),
  );
  // Renditions may share an encode.
  const jobs = [...new Map(pieces.map(({ job }) => [job.id, job])).values()];
  const artifacts = await t.artifacts(encodeStage, jobs);
  const encodes = new Map(jobs.map(({ id }, i) => [id, artifacts[i]!]));
  const marked = (rendition: TitleRendition, variant: Variant): Probe[] =>
    rendition.chosen.map((probe) => {
      const { key, result } = encodes.get(piece(rendition, probe, variant, request).job.id)!;
      return { ...probe, bits: result.bits, vmaf: result.score.pooled.mean, artifact: key, encoded: result };
    });

  const all = plain.flatMap((rendition) =>
    VARIANTS.map((variant) => ({ rendition, variant, chosen: marked(rendition, variant) })),
  );
  const assembled = await t.stages(
    assembleStage,
    all.map(({ rendition, variant, chosen }): JobSpec<AssembleParams> => {
      const { fps, segmentStarts } = rendition;
      const chunks = chosen.map(({ encoded: { blob, frames, bits, parameterSets } }) => ({
        ...{ blob, frames, bits, parameterSets },
      }));
      return { id: `${rendition.id}-${variant}`, params: { fps, chunks, segmentStarts } };
    }),
  );
  const made = all.map(({ rendition, chosen }, i): TitleRendition => {
    const { blob, bits, averageBitrate, peakBitrate } = assembled[i]!;
    const vmaf = pool(chosen.flatMap(({ encoded }) => encoded.score.frameScores));
    return { ...rendition, ...{ blob, bits, averageBitrate, peakBitrate, vmaf, chosen } };
  });
  return plain.map((rendition, i): MarkedRendition => {
    const [a, b] = [made[2 * i]!, made[2 * i + 1]!];
    const cpuSeconds = [...a.chosen, ...b.chosen].reduce(
      (sum, { encoded }) => sum + encoded.cpuSeconds.encode + encoded.cpuSeconds.score,
      0,
    );
    return { plain: rendition, variants: { a, b }, cpuSeconds };
  });
}

/** What the title's record says of its marks. */
export function recordOf(
  { sessionBits, keyId, salt }: Mark,
  marked: readonly MarkedRendition[],
): Omit<WatermarkRecord, 'version' | 'renditions'> & {
  renditions: Pick<WatermarkRecord['renditions'][number], 'id' | 'width' | 'height'>[];
} {
  const { fps, frames, segmentStarts } = marked[0]!.plain;
  const renditions = marked.map(({ plain: { id, width, height } }) => ({ id, width, height }));
  return { keyId, salt, sessionBits, fps, frames, segmentStarts, renditions };
}
