import type { Look } from './likeness.js';
import type { Measures } from './measure.js';
import type { Fault, Merits } from './types.js';

/** A frame that was looked at. */
export interface Sample {
  frame: number;
  measures: Measures;
  look: Look;
}

export interface Judged extends Sample {
  shot: number;
  merits: Merits;
  score: number;
  faults: Fault[];
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Luma of a well-lit frame on average; half and half again as much are not. */
const GOOD_LUMA = 110;
/** Deviation of luma that is contrast enough. */
const GOOD_DEVIATION = 45;
/** Laplacian variance at which sharpness is 1 - 1/e. */
const SHARP = 500;
/** Colourfulness that counts as 1. */
const COLOURFUL = 70;
/** Share of skin that counts as 1: a face. Far more of it is a wall, sand or wood. */
const FACE = 0.12;
const WALL = 0.6;

export function meritsOf(measures: Measures): Merits {
  const { mean, deviation, laplacian, detailed, colourful, skin } = measures;
  return {
    light: clamp(1.3 - ((mean - GOOD_LUMA) / GOOD_LUMA) ** 2) * clamp(deviation / GOOD_DEVIATION),
    sharpness: 1 - Math.exp(-laplacian / SHARP),
    texture: detailed,
    colour: clamp(colourful / COLOURFUL),
    skin: clamp(skin / FACE) * clamp((WALL - skin) / (WALL - 2 * FACE)),
  };
}

/** Light is a condition of all else: the sum of the others counts by it. */
export function scoreOf({ light, sharpness, texture, colour, skin }: Merits): number {
  return (0.2 + 0.8 * light) * (0.4 * sharpness + 0.25 * texture + 0.15 * colour + 0.2 * skin);
}

/** A frame is mostly bars where less than this is left of it: any format of film leaves more, even upright in a wide one. */
const LEAST_AREA = 0.3;

/** What is wrong with a frame by itself. */
export function ownFaults({ area, mean, deviation, dark, bright }: Measures): Fault[] {
  return [
    ...(mean < 28 || dark > 0.85 ? (['dark'] as const) : []),
    ...(mean > 225 || bright > 0.7 ? (['bright'] as const) : []),
    ...(deviation < 10 ? (['plain'] as const) : []),
    ...(area < LEAST_AREA ? (['bars'] as const) : []),
  ];
}

/** Contrast of a fade's frames, as a share of their shot's. */
const FADED = 0.7;
/** Frames this close to a cut may be those of a dissolve, seconds. */
const NEAR_CUT = 0.15;

export interface Span {
  startFrame: number;
  endFrame: number;
}

/** The contrast that a shot has where it does not fade: its upper quartile. */
function usualDeviation(samples: readonly Sample[]): number {
  const sorted = samples.map(({ measures }) => measures.deviation).sort((a, b) => a - b);
  return sorted[Math.floor(0.75 * sorted.length)] ?? 0;
}

function nearCut(frame: number, { startFrame, endFrame }: Span, margin: number, frames: number): boolean {
  const afterCut = startFrame > 0 && frame < startFrame + margin;
  const beforeCut = endFrame < frames && frame >= endFrame - margin;
  return afterCut || beforeCut;
}

/** Judges all samples of a title, in order, each within its shot. `fps` is frames a second. */
export function judge(samples: readonly Sample[], shots: readonly Span[], fps: number): Judged[] {
  const frames = shots.at(-1)?.endFrame ?? 0;
  return shots.flatMap((shot, index) => {
    const own = samples.filter(({ frame }) => frame >= shot.startFrame && frame < shot.endFrame);
    const usual = usualDeviation(own);
    // A shot shorter than four margins would have nothing left.
    const margin = Math.min(NEAR_CUT * fps, (shot.endFrame - shot.startFrame) / 4);
    return own.map((sample): Judged => {
      const merits = meritsOf(sample.measures);
      const faults = ownFaults(sample.measures);
      if (sample.measures.deviation < FADED * usual) faults.push('fade');
      if (nearCut(sample.frame, shot, margin, frames)) faults.push('cut');
      return { ...sample, shot: index, merits, score: scoreOf(merits), faults };
    });
  });
}
