import type { DisplayState, StageState } from './state.js';
import { view, type StageView } from './state.js';

/** What is to be said of a stage, once each. */
export interface Report {
  kind: 'started' | 'progress' | 'ended';
  view: StageView;
}

/** A stage counts as ended when nothing was added for so long: its jobs may come one after the other. */
const SETTLE_MS = 1000;

interface Told {
  ended: boolean;
  lastMs: number;
}

/**
 * Decides what is news, for output that is never redrawn: the start of a stage, its progress every `intervalMs`
 * milliseconds, its end. A stage that gets further jobs after its end is started again.
 */
export class Reporter {
  private readonly told = new Map<string, Told>();

  constructor(private readonly intervalMs: number) {}

  /** The news at `nowMs`; `closing` when there will be no more. */
  news(state: DisplayState, nowMs: number, closing = false): Report[] {
    return state.flatMap((stage) => this.newsOf(stage, nowMs, closing));
  }

  private newsOf(stage: StageState, nowMs: number, closing: boolean): Report[] {
    const settled = stage.endedMs !== undefined && (closing || nowMs - stage.endedMs >= SETTLE_MS);
    const before = this.told.get(stage.stage);
    if (before?.ended === true && stage.endedMs !== undefined) return [];
    const report = (kind: Report['kind']): Report => ({ kind, view: view(stage, nowMs) });
    const start = before === undefined || before.ended ? [report('started')] : [];
    if (settled) {
      this.told.set(stage.stage, { ended: true, lastMs: nowMs });
      return [...start, report('ended')];
    }
    const due = start.length === 0 && before !== undefined && nowMs - before.lastMs >= this.intervalMs;
    if (start.length > 0 || due) this.told.set(stage.stage, { ended: false, lastMs: nowMs });
    return [...start, ...(due && stage.endedMs === undefined ? [report('progress')] : [])];
  }
}
