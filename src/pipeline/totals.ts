import type { Cost } from './artifact.js';
import type { JobEvent } from './events.js';

/** What a title cost. Seconds and counts by stage are under the stage's name. */
export interface Totals {
  /** CPU of all artifacts the title is made of, whenever they were computed. */
  cpuSeconds: Record<string, number>;
  /** CPU of child processes spent in this run, failed attempts included. */
  spent: Record<string, number>;
  /** Jobs computed in this run. */
  computed: Record<string, number>;
  /** Jobs of `encodeStages` computed in this run. */
  encodes: number;
  /** Jobs whose artifact was there already. */
  cacheHits: number;
  wallSeconds: number;
}

/** Adds up a title's totals from its events, its artifacts and its processes. */
export class TotalsCounter {
  private readonly started = performance.now();
  private readonly costs = new Map<string, { stage: string; cost: Cost }>();
  private readonly spent = new Map<string, number>();
  private readonly computed = new Map<string, number>();
  private cacheHits = 0;

  event(event: JobEvent): void {
    if (event.state !== 'done') return;
    if (event.cached) this.cacheHits += 1;
    else add(this.computed, event.stage, 1);
  }

  /** An artifact the title uses; counted once however often it is used. */
  artifact(stage: string, key: string, cost: Cost): void {
    this.costs.set(key, { stage, cost });
  }

  process(stage: string, cpuSeconds: number): void {
    add(this.spent, stage, cpuSeconds);
  }

  totals(encodeStages: readonly string[]): Totals {
    const cpu = new Map<string, number>();
    for (const { stage, cost } of this.costs.values()) add(cpu, stage, cost.cpuSeconds);
    return {
      cpuSeconds: Object.fromEntries(cpu),
      spent: Object.fromEntries(this.spent),
      computed: Object.fromEntries(this.computed),
      encodes: encodeStages.reduce((sum, stage) => sum + (this.computed.get(stage) ?? 0), 0),
      cacheHits: this.cacheHits,
      wallSeconds: (performance.now() - this.started) / 1000,
    };
  }
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}
