import type { Report } from './reporter.js';
import type { StageView } from './state.js';

const round = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 10) / 10;

/** Fields of stages that move bytes. */
function bytesOf({ bytes }: StageView): object {
  if (bytes === undefined) return {};
  return { bytes: bytes.done, bytesTotal: bytes.total, bytesPerSecond: round(bytes.perSecond) };
}

function endOf(view: StageView): object {
  const { stage, state, jobsTotal, jobsCached, jobsFailed, frames, framesPerSecond, seconds } = view;
  const jobs = { jobs: jobsTotal, jobsCached, jobsFailed };
  return {
    type: 'stage',
    stage,
    state,
    ...jobs,
    frames,
    framesPerSecond: round(framesPerSecond),
    seconds: round(seconds),
    ...bytesOf(view),
  };
}

/** The object of a JSON line; docs/json-lines.md explains every field. */
export function jsonLine({ kind, view }: Report): object {
  if (kind === 'started') return { type: 'stage', stage: view.stage, state: 'started' };
  if (kind === 'ended') return endOf(view);
  const { stage, jobsDone, jobsTotal, jobsCached, frames, framesPerSecond, percent, etaSeconds } = view;
  return {
    ...{ type: 'progress', stage, jobsDone, jobsTotal, jobsCached, frames },
    ...{ framesPerSecond: round(framesPerSecond), percent: round(percent), etaSeconds: round(etaSeconds) },
    ...bytesOf(view),
  };
}
