import { z } from 'zod';

/** What a job works on, for logs, traces and metrics. What a job does not have is left out. */
export interface JobFacts {
  /** Index of the shot. */
  shot?: number;
  /** Name of the rung, of the audio rendition or of the text. */
  rung?: string;
  codec?: string;
  /** Pixels. */
  width?: number;
  height?: number;
  /** Quality in the codec's own scale. */
  crf?: number;
  /** Frames of the title that the job goes through. */
  frames?: number;
}

/** What an encode measured. */
export interface EncodeFacts {
  /** Mean VMAF of the chunk, 0 to 100. */
  vmaf: number;
  frames: number;
}

const frames = z.number().int().nonnegative();
const encodeParams = z.object({
  codec: z.string(),
  resolution: z.object({ width: z.number(), height: z.number() }),
  crf: z.number(),
  source: z.object({ frames }),
});
const assembleParams = z.object({ chunks: z.array(z.object({ frames })) });
const framesParams = z.object({ frames });
const encoded = z.object({ frames, score: z.object({ pooled: z.object({ mean: z.number() }) }) });

/** Name of a job, as the flow of a title makes it: `<stage>.<id>`, or the stage alone. */
function idOf(stage: string, job: string): string {
  return job.startsWith(`${stage}.`) ? job.slice(stage.length + 1) : '';
}

/** `h264-12-640x360-23`: the second part is the shot. */
function shotOf(id: string): Pick<JobFacts, 'shot'> {
  const shot = /^(?:[a-z0-9]+-)?(\d+)(?:-|$)/.exec(id)?.[1];
  return shot === undefined ? {} : { shot: Number(shot) };
}

function encodeFacts(id: string, params: unknown): JobFacts {
  const known = encodeParams.safeParse(params).data;
  if (!known) return shotOf(id);
  const { codec, crf, resolution, source } = known;
  return { ...shotOf(id), codec, ...resolution, crf, frames: source.frames };
}

/** What a stage's job works on, from its name and its parameters; nothing where these are of an unknown form. */
export function jobFacts({ stage, job, params }: { stage: string; job: string; params: unknown }): JobFacts {
  const id = idOf(stage, job);
  switch (stage) {
    case 'probe':
    case 'encode':
      return encodeFacts(id, params);
    case 'tone-map':
      return { ...shotOf(id), ...framesParams.safeParse(params).data };
    case 'assemble': {
      const chunks = assembleParams.safeParse(params).data?.chunks;
      const codec = /^([a-z0-9]+)-\d+p-/.exec(id)?.[1];
      return {
        ...(id ? { rung: id } : {}),
        ...(codec ? { codec } : {}),
        ...(chunks ? { frames: chunks.reduce((sum, chunk) => sum + chunk.frames, 0) } : {}),
      };
    }
    case 'audio':
    case 'text':
      return { ...(id ? { rung: id } : {}), ...framesParams.safeParse(params).data };
    default:
      return {};
  }
}

/** What an encode measured, from the result of its stage; undefined for results of another form. */
export function encodeMeasure(result: unknown): EncodeFacts | undefined {
  const known = encoded.safeParse(result).data;
  return known && { vmaf: known.score.pooled.mean, frames: known.frames };
}
