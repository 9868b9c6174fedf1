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

/** The parts of a line about a stage that is under way, the most important first. */
export function runningParts(view: StageView): string[] {
  return [
    `${String(Math.floor(view.percent)).padStart(3)}%`,
    jobsText(view),
    ...(view.framesPerSecond === undefined ? [] : [formatSpeed(view.framesPerSecond)]),
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
  const speed = view.framesPerSecond === undefined ? '' : `, ${formatSpeed(view.framesPerSecond)}`;
  const cached = jobsCached > 0 ? ` (${jobsCached} done before)` : '';
  return `done, ${jobsDone === jobsTotal ? jobs : `${jobsDone} of ${jobs}`}${cached} in ${formatSeconds(view.seconds)}${speed}`;
}
