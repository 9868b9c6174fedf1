import {
  type PlacedLabel,
  type RankedResolution,
  type Scale,
  linearScale,
  logDomain,
  logScale,
  placeLabels,
  resolutionKey,
  vmafDomain,
} from '../../../report/browser.js';
import { type Rung, seriesOf } from '../state/report.js';

export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface PlottedRung {
  rung: Rung;
  /** Its resolution's place among those of the title, the smallest first: decides shape and colour. */
  rank: number;
  x: number;
  y: number;
  /** Where its 5th percentile is; undefined where that is not known. */
  p5Y: number | undefined;
}

export interface RateLayout {
  width: number;
  height: number;
  area: Area;
  x: Scale;
  y: Scale;
  rungs: PlottedRung[];
  /** Rungs of one codec and range, by rising rate. */
  series: { name: string; points: PlottedRung[] }[];
  labels: PlacedLabel[];
  /** Those of the rungs, the smallest first. */
  resolutions: RankedResolution[];
}

const LABEL_SIZE = 12;

/** Where everything in the plot of rate and quality goes, in a box of `width` CSS pixels. */
export function rateLayout(
  ladder: readonly Rung[],
  ranked: readonly RankedResolution[],
  width: number,
): RateLayout {
  const height = Math.round(Math.min(340, Math.max(250, width * 0.5)));
  const area: Area = { left: 34, right: width - 12, top: 26, bottom: height - 40 };
  const [slowest, fastest] = logDomain(ladder.map(({ averageBitrate }) => averageBitrate));
  // Labels stand left of their marks.
  const x = logScale([slowest / (width > 500 ? 1.2 : 1.6), fastest], [area.left, area.right], 34);
  const worst = ladder.map(({ mean, p5 }) => Math.min(mean, p5 ?? mean));
  const y = linearScale(vmafDomain(worst), [area.bottom, area.top], 10);
  const keys = new Set(ladder.map(resolutionKey));
  const ranks = new Map(ranked.map(({ key, rank }) => [key, rank]));
  const rungs = ladder.map((rung): PlottedRung => ({
    rung,
    rank: ranks.get(resolutionKey(rung)) ?? 0,
    x: x(rung.averageBitrate),
    y: y(rung.mean),
    p5Y: rung.p5 === undefined ? undefined : y(rung.p5),
  }));
  const names = [...new Set(ladder.map(seriesOf))];
  return {
    ...{ width, height, area, x, y, rungs },
    resolutions: ranked.filter(({ key }) => keys.has(key)),
    series: names.map((name) => ({
      name,
      points: rungs.filter(({ rung }) => seriesOf(rung) === name).sort((a, b) => a.x - b.x),
    })),
    labels: placeLabels(
      rungs.map((plotted) => ({ x: plotted.x, y: plotted.y, text: `${plotted.rung.height}p` })),
      { left: area.left + 2, right: area.right, top: 2, bottom: area.bottom - 2 },
      LABEL_SIZE,
    ),
  };
}
