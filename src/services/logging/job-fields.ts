import type { ObservedJob } from '../../pipeline/index.js';
import { jobFacts } from '../../title/index.js';

/** Fields of every line about a job: by them the lines of a shot, a rung or an encode are found. */
export interface JobFields {
  title: string;
  stage: string;
  job: string;
  shot?: number;
  rung?: string;
  codec?: string;
  /** E.g. `640x360`. */
  size?: string;
}

export function jobFields({ title, stage, job, params }: ObservedJob): JobFields {
  const { shot, rung, codec, width, height } = jobFacts({ stage, job, params });
  return {
    ...{ title, stage, job },
    ...(shot === undefined ? {} : { shot }),
    ...(rung === undefined ? {} : { rung }),
    ...(codec === undefined ? {} : { codec }),
    ...(width === undefined ? {} : { size: `${width}x${height}` }),
  };
}
