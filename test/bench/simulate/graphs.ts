import fc from 'fast-check';
import type { TitleGraph } from '../../../bench/simulate/graph.js';

/** A group of jobs of `seconds` behind the groups `after`. */
export function group(
  seconds: readonly number[],
  after: readonly number[] = [],
  { stage = 'encode', control = 0, each = 1 } = {},
): TitleGraph['groups'][number] {
  return { stage, seconds: Float64Array.from(seconds), after, control, each };
}

export const STAGES = ['ingest', 'chunk', 'encode', 'verify'];
export const RANKS = new Map(STAGES.map((stage, rank) => [stage, rank]));

/** Any graph of up to eight groups of up to twelve jobs, some without any. */
export function anyGraph({ control = true } = {}): fc.Arbitrary<TitleGraph> {
  const seconds = fc.double({ min: 0.01, max: 100, noNaN: true });
  const one = fc.record({
    jobs: fc.array(seconds, { maxLength: 12 }),
    stage: fc.constantFrom(...STAGES),
    control: control ? fc.double({ min: 0, max: 20, noNaN: true }) : fc.constant(0),
    before: fc.array(fc.nat(), { maxLength: 3 }),
  });
  return fc.array(one, { minLength: 1, maxLength: 8 }).map((all) => ({
    groups: all.map(({ jobs, stage, control: own, before }, index) => {
      const after = index === 0 ? [] : [...new Set(before.map((b) => b % index))];
      return group(jobs, after, { stage, control: own });
    }),
  }));
}
