import { type ContentChange, type LumaFrame, contentChange, correlation, standardDeviation } from './luma.js';

/** Frames that a decision at frame i looks at: i - REACH - 1 … i + REACH. */
export const REACH = 8;

/** Steps of luma and distances of content around a frame; undefined outside the title. */
export interface Neighbourhood {
  frame(index: number): LumaFrame | undefined;
  /** Mean absolute luma difference of frames index - 1 and index, 0..255. */
  step(index: number): number | undefined;
}

/** A place where a new shot begins. */
export interface Cut {
  /** First frame of the new shot. */
  frame: number;
  /** How different the shots are, 0..255; decides which of two cuts is kept when both cannot be. */
  strength: number;
}

/** Below this step nothing has changed that a viewer would call another picture. */
const LEAST_STEP = 1.5;
/** A change of fewer blocks is a caption, a lamp, something that moved in. */
const LEAST_CHANGED = 1 / 3;
/** A jump between scenes that are alike leaves more than this; a master's own key frame may renew all its noise. */
const LEAST_JUMP = 3;
/** A frame with less luma deviation has too little in it to be like or unlike another. */
const LEAST_CONTRAST = 3;
const STEP_WINDOW = 6;

/** The step is higher than what is usual around it: a pan, a shake or noise has equal steps all along. */
export function stepStandsOut(around: Neighbourhood, i: number): boolean {
  const step = around.step(i) ?? 0;
  if (step < LEAST_STEP) return false;
  const others: number[] = [];
  for (let k = 1; k <= STEP_WINDOW; k++) {
    for (const other of [around.step(i - k), around.step(i + k)]) if (other !== undefined) others.push(other);
  }
  others.sort((a, b) => a - b);
  // A low percentile, not the median, so that cuts every other frame do not hide each other.
  return step >= 1.2 * (others[Math.floor(others.length * 0.3)] ?? 0);
}

function distance(around: Neighbourhood, from: number, to: number): number {
  const [a, b] = [around.frame(from), around.frame(to)];
  return a && b ? contentChange(a, b).distance : 0;
}

/**
 * Another scene: most of the picture is new relative to its own contrast, or, where scenes are alike, clearly more
 * than these frames change by themselves. The factors lie between what joins of unlike scenes reach (nearly all
 * above 0.4 of the contrast and 3 times the neighbours) and what fast motion reaches (0.3 of it and 1.8 times).
 */
function isAnotherScene(around: Neighbourhood, i: number, change: ContentChange): boolean {
  const [last, first] = [around.frame(i - 1)!, around.frame(i)!];
  const contrasts = [standardDeviation(last), standardDeviation(first)];
  const next = Math.max(distance(around, i - 2, i - 1), distance(around, i, i + 1));
  if (change.distance < 2.5 * next) return false;
  const unlike = change.distance >= 5 && change.distance >= 0.35 * Math.max(...contrasts);
  // The steps of a fade that stands still between them are large too, but they are of one picture. Where there is
  // hardly a picture yet, only what happens before and after can tell.
  const comparable = Math.min(...contrasts) >= LEAST_CONTRAST;
  if (unlike && comparable && correlation(last, first) < 0.9) return true;
  if (change.distance < LEAST_JUMP || change.distance < 3 * next) return false;
  // Animation drawn on every second to fourth frame stands still between its steps: compare over several frames.
  for (let k = 2; k <= 4; k++) {
    const drift = Math.max(distance(around, i - 1 - k, i - 1), distance(around, i, i + k));
    if (change.distance < 2 * drift) return false;
  }
  return true;
}

/** The picture before comes back within REACH frames (a flash, a dropout), or this is where it comes back. */
function isPassing(around: Neighbourhood, i: number, change: ContentChange): boolean {
  const limit = 0.4 * change.distance;
  for (let k = 1; k <= REACH; k++) {
    if (around.frame(i + k) && distance(around, i - 1, i + k) <= limit) return true;
    if (around.frame(i - 1 - k) && distance(around, i - 1 - k, i) <= limit) return true;
  }
  return false;
}

/** Tells whether a new shot begins hard at frame i; undefined where none does. */
export function hardCut(around: Neighbourhood, i: number): Cut | undefined {
  if (!stepStandsOut(around, i)) return undefined;
  const change = contentChange(around.frame(i - 1)!, around.frame(i)!);
  if (change.distance < LEAST_STEP || change.changed < LEAST_CHANGED) return undefined;
  if (!isAnotherScene(around, i, change) || isPassing(around, i, change)) return undefined;
  return { frame: i, strength: change.distance };
}
