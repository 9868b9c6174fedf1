import type { Span } from './plan-shots.js';
import type { Detection } from './shot-detector.js';
import type { Shot } from './types.js';

function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.length === 0 ? 0 : Math.round((sum / values.length) * 1000) / 1000;
}

/** Complexity of a shot from its small frames, to three decimals. Its first frame's change is not its own: left out. */
export function complexityOf(
  { startFrame, endFrame }: Span,
  detection: Omit<Detection, 'cuts'>,
): Shot['complexity'] {
  return {
    spatial: mean(detection.deviations.slice(startFrame, endFrame)),
    temporal: mean(detection.steps.slice(startFrame + 1, endFrame)),
    palette: mean(detection.palettes.slice(startFrame, endFrame)),
    unchanged: mean(detection.unchanged.slice(startFrame + 1, endFrame)),
  };
}
