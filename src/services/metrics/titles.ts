import type { Title } from '../../db/index.js';
import { frameSeconds, parseRational } from '../../media/index.js';
import { type Instruments, geometric } from './instruments.js';
import { VMAF_BUCKETS } from './jobs.js';
import { codecLabel } from './labels.js';

/** Seconds, from a clip to a film on few workers. */
const SECONDS_BUCKETS = geometric(15, 2, 15);

/** What is told of a title when it has ended. */
export type EndedTitle = Pick<Title, 'state' | 'createdAt' | 'startedAt' | 'finishedAt' | 'result'>;

/** Counts titles that have ended, and what was published. To be told of each end once, by whoever wrote it down. */
export function titleMetrics(make: Instruments): (title: EndedTitle) => void {
  const ended = make.counter('hullcast_titles_ended_total', 'Titles that have ended, by their last state.', [
    'state',
  ]);
  const seconds = make.histogram(
    'hullcast_title_duration_seconds',
    'From submission to publication of titles that are done.',
    SECONDS_BUCKETS,
  );
  const published = make.counter(
    'hullcast_published_seconds_total',
    'Playing time of the titles that were published.',
  );
  const vmaf = make.histogram('hullcast_rendition_vmaf', 'Mean VMAF of published renditions.', VMAF_BUCKETS, [
    'codec',
  ]);
  for (const state of ['done', 'failed', 'cancelled']) ended.inc({ state }, 0);
  return ({ state, createdAt, finishedAt, result }) => {
    ended.inc({ state });
    if (state !== 'done') return;
    if (finishedAt !== undefined)
      seconds.observe(Math.max(0, Date.parse(finishedAt) - Date.parse(createdAt)) / 1000);
    if (!result) return;
    const fps = parseRational(result.fps);
    if (fps && fps.num > 0) published.inc(frameSeconds(result.frames, fps));
    for (const rendition of result.renditions)
      vmaf.observe({ codec: codecLabel(rendition.codec) }, rendition.vmaf);
  };
}
