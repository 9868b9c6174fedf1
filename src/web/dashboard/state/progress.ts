import { plural } from '../../../report/browser.js';
import type { Progress } from '../../../services/contract/schema.js';

export type StageProgress = Progress['stages'][number];

/** How far a stage is, 0..1, by jobs; those under way count in part where their work is known. */
export function stageShare({ jobs, done, active, work }: StageProgress): number {
  if (jobs <= 0) return 0;
  const part = work && work.total > 0 ? Math.min(1, work.done / work.total) * active : 0;
  return Math.min(1, (done + part) / jobs);
}

/** `waiting`: nothing of it has begun; `stuck`: what is left has failed. */
export type StageCondition = 'waiting' | 'active' | 'done' | 'failed';

export function stageCondition({ jobs, done, active, failed }: StageProgress): StageCondition {
  if (jobs > 0 && done >= jobs) return 'done';
  if (active > 0) return 'active';
  if (failed > 0) return 'failed';
  return done > 0 ? 'active' : 'waiting';
}

/** Whole percent; 100 only where all is done. */
export function percent(share: number): number {
  return share >= 1 ? 100 : Math.min(99, Math.floor(share * 100));
}

/** A stage in words, without its name: `12 of 40 jobs done, 2 running, 1 failed`. */
export function stageText({ jobs, done, active, failed }: StageProgress): string {
  const parts = [done >= jobs ? `all ${plural(jobs, 'job')} done` : `${done} of ${plural(jobs, 'job')} done`];
  if (jobs === 1 && done === 1) parts[0] = 'done';
  if (active > 0) parts.push(`${active} running`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

function total({ stages }: Progress, what: 'active' | 'failed'): number {
  return stages.reduce((sum, stage) => sum + stage[what], 0);
}

/** A title's progress in one line: what is under way, `encode 62%, audio 10%; 9 jobs running, 1 failed`. */
export function summary(progress: Progress): string {
  const active = progress.stages.filter((stage) => stageCondition(stage) === 'active');
  if (active.length > 0) {
    const shares = active.map((stage) => `${stage.stage} ${percent(stageShare(stage))}%`).join(', ');
    const [running, failed] = [total(progress, 'active'), total(progress, 'failed')];
    return `${shares}; ${plural(running, 'job')} running${failed > 0 ? `, ${failed} failed` : ''}`;
  }
  const last = progress.stages.at(-1);
  return last === undefined ? 'begins' : `${last.stage}: ${stageText(last)}`;
}
