import { SEQUENTIAL_DARK, SEQUENTIAL_LIGHT, SERIES_DARK, SERIES_LIGHT } from '../../../report/browser.js';

/** Colour of a resolution, by its rank among those of the title; the report's, in light and dark. */
export function resolutionColour(rank: number): string {
  const at = rank % SERIES_LIGHT.length;
  return `light-dark(${SERIES_LIGHT[at] ?? ''}, ${SERIES_DARK[at] ?? ''})`;
}

/** Colour of a step of VMAF, 0 (bad) to 8. */
export function vmafColour(step: number): string {
  return `light-dark(${SEQUENTIAL_LIGHT[step] ?? ''}, ${SEQUENTIAL_DARK[step] ?? ''})`;
}
