import type { Measured } from './measured.js';
import type { Random } from './random.js';
import { type Regression, regress } from './regression.js';

/** One encode that is wanted of a film. */
export interface EncodeJob {
  /** Which of the measured shots this one is like. */
  kind: number;
  width: number;
  height: number;
  crf: number;
  frames: number;
}

/** CPU seconds of a film's jobs, from what was measured of a short one; hullcast's own share included. */
export class Costs {
  /** Shots that were measured: kinds are 0 … kinds − 1. */
  readonly kinds: number;
  private readonly encode: Regression;
  private readonly score: Regression;

  constructor(private readonly measured: Measured) {
    const { encodes } = measured;
    this.kinds = Math.max(...encodes.map(([shot]) => shot)) + 1;
    const of = (seconds: (row: (typeof encodes)[number]) => number): Regression =>
      regress(
        encodes.map((row) => {
          const [shot, width, height, crf, frames] = row;
          return { group: shot, x: predictors(width, height, crf), y: Math.log(seconds(row) / frames) };
        }),
      );
    this.encode = of(([, , , , , , encode]) => encode);
    this.score = of(([, , , , , , , score]) => score);
  }

  /** An encode and its score, as far from the usual as one that was measured. */
  encodeSeconds(job: EncodeJob, random: Random): number {
    const { kind, width, height, crf, frames } = job;
    const x = predictors(width, height, crf);
    const draw = random.integer(this.encode.residuals.length); // of both, for they belong together
    const of = ({ levels, slopes, residuals }: Regression): number =>
      Math.exp(levels[kind]! + x.reduce((sum, v, i) => sum + v * slopes[i]!, 0) + residuals[draw]!);
    return this.own(frames * (of(this.encode) + of(this.score)));
  }

  /** A stage that goes over all frames of the title, in one job or, in the order of their size, in several. */
  perFrame(stage: 'ingest' | 'inspect' | 'chunk'): number {
    return this.own(this.total(stage)[0]!.cpuSeconds / this.measured.master.frames);
  }

  /** Every audio rendition's seconds a frame of the picture. */
  audioPerFrame(): number[] {
    return this.total('audio').map(({ cpuSeconds }) => this.own(cpuSeconds / this.measured.master.frames));
  }

  /** Joining and packaging copy bytes. */
  perByte(stage: 'assemble' | 'package'): number {
    const runs = this.total(stage);
    const cpu = runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    return this.own(cpu / runs.reduce((sum, { bytes }) => sum + bytes, 0));
  }

  /** Verifying decodes every rung: seconds a frame and pixel. */
  verifyPerPixel(): number {
    const { rungs, master } = this.measured;
    const pixels = rungs.reduce((sum, { width, height }) => sum + width * height, 0);
    return this.own(this.total('verify')[0]!.cpuSeconds / (pixels * master.frames));
  }

  /** Bytes of the master a frame, and of each audio rendition. */
  get bytesPerFrame(): { master: number; audio: number[] } {
    const { master } = this.measured;
    return {
      master: master.bytes / master.frames,
      audio: this.total('audio').map(({ bytes }) => bytes / master.frames),
    };
  }

  /** Planning in the control plane, seconds a shot. */
  get planning(): { rounds: number[]; choose: number; repair: number } {
    const { shots, rounds, choose, repair } = this.measured.planning;
    return { rounds: rounds.map((s) => s / shots), choose: choose / shots, repair: repair / shots };
  }

  private own(seconds: number): number {
    return seconds * (1 + this.measured.ownShare);
  }

  private total(stage: string): Measured['stages'] {
    const runs = this.measured.stages.filter((run) => run.stage === stage);
    if (runs.length === 0) throw new RangeError(`nothing was measured of stage ${stage}`);
    return runs;
  }
}

/** What the logarithm of an encode's cost goes with, beside its shot: that of the size, and crf. */
const predictors = (width: number, height: number, crf: number): number[] => [Math.log(width * height), crf];
