import type { Marker } from '../types.js';

/** By start, then by end, then by id. */
export function byTime(a: Marker, b: Marker): number {
  return a.startFrame - b.startFrame || a.endFrame - b.endFrame || (a.id < b.id ? -1 : 1);
}

/** Whether two share a frame, or are one point. */
export function overlaps(a: Marker, b: Marker): boolean {
  if (a.startFrame === b.startFrame) return true;
  return a.startFrame < b.endFrame && b.startFrame < a.endFrame;
}
