import type { Span } from './plan-shots.js';
import type { Detection } from './shot-detector.js';
import type { Shot } from './types.js';

function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.length === 0 ? 0 : Math.round((sum / values.length) * 1000) / 1000;
}

/** Complexity of a shot from its small frames, to three decimals. Its first frame's change is not its own: left out. */
export function complexityOf(span: Span, detection: Detection): Shot['complexity'] {
  return {
    spatial: mean(detection.deviations.slice(span.startFrame, span.endFrame)),
    temporal: mean(detection.steps.slice(span.startFrame + 1, span.endFrame)),
  };
}
