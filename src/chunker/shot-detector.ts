import { type Cut, type Neighbourhood, REACH, hardCut } from './cut-rules.js';
import { fadeCuts } from './fades.js';
import { type LumaFrame, meanDifference, paletteShare, standardDeviation, unchangedShare } from './luma.js';

/** What the small frames of a title tell. */
export interface Detection {
  /** Ascending by frame; never frame 0. */
  cuts: Cut[];
  /** Standard deviation of luma of every frame, 0..127.5. */
  deviations: number[];
  /** Mean absolute luma difference of every frame from the one before, 0..255; the first is 0. */
  steps: number[];
  /** Share of every frame's pixels in its four commonest luma levels, 0..1. */
  palettes: number[];
  /** Share of every frame's pixels that are as they were in the one before, 0..1; the first is 0. */
  unchanged: number[];
}

/**
 * Finds the cuts of a title from its small luma frames, one pass, holding some twenty frames at a time. A hard cut is
 * found at its exact frame; a flash is none; a fade through black is cut once, where the new picture appears; a
 * dissolve is not cut, since none of its frames begins anything.
 */
export class ShotDetector implements Neighbourhood {
  private readonly recent: (LumaFrame | undefined)[] = Array.from({ length: 2 * REACH + 2 });
  private readonly deviations: number[] = [];
  private readonly steps: number[] = [];
  private readonly palettes: number[] = [];
  private readonly unchanged: number[] = [];
  private readonly cuts: Cut[] = [];

  /** Takes the next frame, which must not be changed afterwards. */
  push(frame: LumaFrame): void {
    const index = this.steps.length;
    const previous = this.frame(index - 1);
    this.steps.push(previous ? meanDifference(previous, frame) : 0);
    this.unchanged.push(previous ? unchangedShare(previous, frame) : 0);
    this.deviations.push(standardDeviation(frame));
    this.palettes.push(paletteShare(frame));
    this.recent[index % this.recent.length] = frame;
    this.judge(index - REACH);
  }

  /** Decides on the last frames; nothing may be pushed afterwards. */
  finish(): Detection {
    const frames = this.steps.length;
    for (let i = Math.max(0, frames - REACH); i < frames; i++) this.judge(i);
    const fades = fadeCuts(this.deviations, this.steps, this.cuts);
    const cuts = [...this.cuts, ...fades].sort((a, b) => a.frame - b.frame);
    const { deviations, steps, palettes, unchanged } = this;
    return { cuts, deviations, steps, palettes, unchanged };
  }

  frame(index: number): LumaFrame | undefined {
    const held = index >= 0 && index < this.steps.length && index >= this.steps.length - this.recent.length;
    return held ? this.recent[index % this.recent.length] : undefined;
  }

  step(index: number): number | undefined {
    return index >= 1 ? this.steps[index] : undefined;
  }

  private judge(index: number): void {
    if (index < 1) return;
    const cut = hardCut(this, index);
    if (cut) this.cuts.push(cut);
  }
}
