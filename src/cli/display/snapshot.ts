import type { Progress } from '../../services/contract/index.js';
import { type DisplayState, type StageState, beginsNow, newStage, sampled } from './state.js';

type StageProgress = Progress['stages'][number];

/** Jobs under way, of which only the sum is known: each with its share of it. */
function runningOf({ active, work }: StageProgress): StageState['running'] {
  const { done, total } = work ?? { done: 0, total: 0 };
  const share = { done: done / active, total: total / active };
  return new Map(Array.from({ length: active }, (_, i) => [String(i), share]));
}

function stageAfter(known: StageState | undefined, told: StageProgress, nowMs: number): StageState {
  const { stage, jobs, done, failed } = told;
  // The frames of finished jobs are not told, so neither are frames nor their speed.
  const state: StageState = {
    ...(known ?? newStage(stage, nowMs, 'unknown')),
    jobs: { total: jobs, done, cached: 0, failed },
    running: runningOf(told),
  };
  const endedMs = done + failed >= jobs ? (known?.endedMs ?? nowMs) : undefined;
  if (known === undefined) return { ...beginsNow(state, nowMs), endedMs };
  return { ...state, endedMs, samples: sampled(state, nowMs) };
}

/** The state after a report of how far a title is, which came at `nowMs`. Stages that it leaves out stay. Pure. */
export function snapshot(state: DisplayState, { stages }: Progress, nowMs: number): DisplayState {
  const told = new Map(stages.map((one) => [one.stage, one]));
  const known = state.map((stage) => {
    const news = told.get(stage.stage);
    told.delete(stage.stage);
    return news ? stageAfter(stage, news, nowMs) : stage;
  });
  return [...known, ...[...told.values()].map((one) => stageAfter(undefined, one, nowMs))];
}
