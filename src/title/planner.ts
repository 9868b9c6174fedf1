import { type Hash, createHash } from 'node:crypto';
import {
  type FoundRung,
  type Measured,
  type Miss,
  type SearchInput,
  type Wanted,
  chooseLadder,
  repairsOf,
  wantedIn,
} from '../encode/index.js';
import { canonicalJson } from '../pipeline/index.js';
import { Answers } from './answers.js';

/** A ladder, and what to encode instead of chunks of it that break a promise. */
export interface Choice<M> {
  rungs: (Omit<FoundRung, 'chosen'> & { chosen: M[] })[];
  tries: { miss: Miss; want: Wanted }[];
}

/** A ladder by the positions of its encodes among those measured, and of its targets among the rungs asked for. */
interface KeptChoice {
  rungs: (Omit<FoundRung, 'chosen' | 'target'> & { chosen: number[]; target: number | undefined })[];
  tries: Choice<Measured>['tries'];
}

/** Encodes that kept plans name at most; each takes about a hundred bytes. */
const KEPT_ENCODES = 200_000;
const plans = new Answers<readonly Wanted[] | undefined>(KEPT_ENCODES, (wanted) => 1 + (wanted?.length ?? 0));
const choices = new Answers<KeptChoice>(KEPT_ENCODES, ({ rungs, tries }) =>
  rungs.reduce((sum, { chosen }) => sum + chosen.length, 1 + tries.length),
);

/**
 * Plans the search of one ladder as it learns what was measured. A title's flow begins anew after each of its waits, and
 * would plan a long film's every round again each time, for seconds: what was planned from the same is remembered.
 */
export class Planner<M extends Measured> {
  private readonly probes: M[] = [];
  /** Of everything that plans follow from. */
  private readonly known: Hash;

  constructor(private readonly input: SearchInput) {
    this.known = createHash('sha256').update(canonicalJson(input));
  }

  learn(measured: readonly M[]): void {
    this.probes.push(...measured);
    const facts = measured.map(({ shot, resolution, crf, bits, peakBitrate, vmaf }) => {
      return [shot, resolution.width, resolution.height, crf, bits, peakBitrate, vmaf];
    });
    this.known.update(JSON.stringify(facts));
  }

  /** As `wantedIn`. */
  wanted(round: number): readonly Wanted[] | undefined {
    return plans.of(this.question(`round ${round}`), () => wantedIn(round, this.input, this.probes));
  }

  /** As `chooseLadder`, with `repairsOf` that. */
  choice(): Choice<M> {
    const { input, probes } = this;
    const { rungs, tries } = choices.of(this.question('ladder'), () => {
      const found = chooseLadder(input, probes);
      const places = new Map<Measured, number>(probes.map((probe, i) => [probe, i]));
      return {
        rungs: found.map(({ chosen, target, ...rung }) => ({
          ...rung,
          chosen: chosen.map((probe) => places.get(probe)!),
          target: target && input.rungs!.indexOf(target),
        })),
        tries: repairsOf(input, found, probes),
      };
    });
    return {
      tries,
      rungs: rungs.map(({ chosen, target, ...rung }) => ({
        ...rung,
        chosen: chosen.map((place) => probes[place]!),
        ...(target === undefined ? {} : { target: input.rungs![target]! }),
      })),
    };
  }

  private question(what: string): string {
    return `${what} ${this.known.copy().digest('hex')}`;
  }
}
