interface Size {
  width: number;
  height: number;
}

/** A resolution with its place among the title's: rank 0 is the smallest; colour and shape follow from it. */
export interface RankedResolution extends Size {
  key: string;
  rank: number;
}

export function resolutionKey(item: Size): string {
  return `${item.width}×${item.height}`;
}

/** All resolutions of probes and renditions, the smallest first. */
export function rankResolutions(report: {
  probes: readonly Size[];
  renditions: readonly Size[];
}): RankedResolution[] {
  const found = new Map<string, Size>();
  for (const item of [...report.probes, ...report.renditions]) found.set(resolutionKey(item), item);
  return [...found]
    .sort(([, a], [, b]) => a.width * a.height - b.width * b.height || a.width - b.width)
    .map(([key, { width, height }], rank) => ({ key, width, height, rank }));
}
