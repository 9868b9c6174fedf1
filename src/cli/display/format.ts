import { bytes } from '../../report/index.js';
import type { StageView } from './state.js';

/** A span of time for people: `8 s`, `1 min 20 s`, `2 h 05 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `118 frames/s`, `0.42 frames/s`. */
export function formatSpeed(framesPerSecond: number): string {
  const digits = framesPerSecond < 1 ? 2 : framesPerSecond < 10 ? 1 : 0;
  return `${framesPerSecond.toFixed(digits)} frames/s`;
}

/** A bar of `width` characters, filled by `percent` (0..100). */
export function bar(percent: number, width: number): string {
  const filled = Math.floor((Math.min(100, Math.max(0, percent)) / 100) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

function jobsText(view: StageView): string {
  const { jobsDone, jobsTotal, jobsCached } = view;
  const cached = jobsCached > 0 ? `, ${jobsCached} cached` : '';
  return `${jobsDone}/${jobsTotal} ${jobsTotal === 1 ? 'job' : 'jobs'}${cached}`;
}

/** How fast, where that is known: `118 frames/s`, `12.3 MB/s`. */
function speedText({ framesPerSecond, bytes: moved }: StageView): string | undefined {
  if (framesPerSecond !== undefined) return formatSpeed(framesPerSecond);
  return moved?.perSecond === undefined ? undefined : `${bytes(moved.perSecond)}/s`;
}

/** The parts of a line about a stage that is under way, the most important first. */
export function runningParts(view: StageView): string[] {
  const speed = speedText(view);
  return [
    `${String(Math.floor(view.percent)).padStart(3)}%`,
    view.bytes ? `${bytes(view.bytes.done)} of ${bytes(view.bytes.total)}` : jobsText(view),
    ...(speed === undefined ? [] : [speed]),
    ...(view.etaSeconds === undefined ? [] : [`${formatSeconds(view.etaSeconds)} left`]),
  ];
}

/** What is said of a stage that has ended. */
export function endText(view: StageView): string {
  const { jobsDone, jobsTotal, jobsCached, jobsFailed } = view;
  const jobs = jobsTotal === 1 ? '1 job' : `${jobsTotal} jobs`;
  if (view.state === 'failed') {
    const first = view.message === undefined ? '' : `: ${view.message.split('\n')[0] ?? ''}`;
    return `failed, ${jobsFailed} of ${jobs}${first}`;
  }
  if (view.state === 'cached') return `done before, ${jobs}`;
  const known = speedText(view);
  const speed = known === undefined ? '' : `, ${known}`;
  const cached = jobsCached > 0 ? ` (${jobsCached} done before)` : '';
  const done = jobsDone === jobsTotal ? jobs : `${jobsDone} of ${jobs}`;
  return `done, ${view.bytes ? bytes(view.bytes.total) : done}${cached} in ${formatSeconds(view.seconds)}${speed}`;
}
