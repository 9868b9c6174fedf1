import type { JSX } from 'preact';
import { type RankedResolution, kbitTick, kilobits, markPath } from '../../../report/browser.js';
import { useWidth } from '../parts/use-width.js';
import type { Rung } from '../state/report.js';
import { codecName } from '../state/words.js';
import { resolutionColour } from './colours.js';
import { type PlottedRung, type RateLayout, rateLayout } from './rate-layout.js';

const MARK_RADIUS = 5.5;
/** Lines of the codecs, so that they differ without colour. */
const DASHES = ['', '6 4', '2 3', '9 3 2 3', '1 4', '12 4'];

function Axes({ layout: { area, x, y } }: { layout: RateLayout }): JSX.Element {
  return (
    <g>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={area.left} x2={area.right} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={area.left - 7} y={y(tick) + 4} text-anchor="end">
            {tick}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={x(tick)} x2={x(tick)} y1={area.top} y2={area.bottom} />
          <text class="tick" x={x(tick)} y={area.bottom + 16} text-anchor="middle">
            {kbitTick(tick / 1000)}
          </text>
        </g>
      ))}
      <line class="axis" x1={area.left} x2={area.right} y1={area.bottom} y2={area.bottom} />
      <text class="tick" x={area.left - 7} y={area.top - 12} text-anchor="start" dx={-area.left + 7}>
        VMAF
      </text>
      <text class="tick" x={area.right} y={area.bottom + 34} text-anchor="end">
        average bit rate, kbit/s
      </text>
    </g>
  );
}

function tip({ id, averageBitrate, mean, p5 }: Rung): string {
  const worst = p5 === undefined ? '' : `, p5 ${p5.toFixed(1)}`;
  return `${id}: ${kilobits(averageBitrate)} kbit/s, VMAF ${mean.toFixed(2)}${worst}`;
}

function Mark({ plotted }: { plotted: PlottedRung }): JSX.Element {
  const { rung, rank, x, y, p5Y } = plotted;
  return (
    <g data-mark="rung" style={{ color: resolutionColour(rank) }}>
      {p5Y !== undefined && <line class="whisker" x1={x} x2={x} y1={y} y2={p5Y} />}
      {p5Y !== undefined && <line class="whisker" x1={x - 4} x2={x + 4} y1={p5Y} y2={p5Y} />}
      <path
        class="mark"
        d={markPath(rank, MARK_RADIUS)}
        transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      >
        <title>{tip(rung)}</title>
      </path>
    </g>
  );
}

function Legend({ layout }: { layout: RateLayout }): JSX.Element {
  return (
    <ul class="legend">
      {layout.resolutions.map(({ key, height, rank }) => (
        <li key={key}>
          <svg viewBox="-8 -8 16 16" aria-hidden="true" style={{ color: resolutionColour(rank) }}>
            <path class="mark" d={markPath(rank, 5)} />
          </svg>
          {height}p
        </li>
      ))}
      {layout.series.length > 1 &&
        layout.series.map(({ name }, i) => (
          <li key={name}>
            <svg class="legend-line" viewBox="0 0 30 16" aria-hidden="true">
              <line
                class="series"
                x1="0"
                x2="30"
                y1="8"
                y2="8"
                stroke-dasharray={DASHES[i % DASHES.length]}
              />
            </svg>
            {codecName(name)}
          </li>
        ))}
    </ul>
  );
}

/** Bit rate and VMAF of the rungs that ship, the rungs of a codec joined; below each its 5th percentile. */
export function RatePlot({
  ladder,
  resolutions,
}: {
  ladder: readonly Rung[];
  /** All of the title, so that colours and shapes are those of its report. */
  resolutions: readonly RankedResolution[];
}): JSX.Element {
  const [box, width] = useWidth<HTMLDivElement>();
  const layout = width > 0 ? rateLayout(ladder, resolutions, width) : undefined;
  return (
    <div class="plot-box" ref={box}>
      {layout && (
        <>
          <Legend layout={layout} />
          <svg
            class="plot"
            width={layout.width}
            height={layout.height}
            role="img"
            aria-label={`VMAF over bit rate of ${ladder.length} renditions. The table of the ladder has the numbers.`}
          >
            <Axes layout={layout} />
            {layout.series.map(({ name, points }, i) => (
              <path
                key={name}
                class="series"
                stroke-dasharray={DASHES[i % DASHES.length]}
                d={`M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`}
              />
            ))}
            {layout.rungs.map((plotted) => (
              <Mark key={plotted.rung.id} plotted={plotted} />
            ))}
            {layout.labels.map((label) => (
              <text
                key={`${label.x} ${label.y}`}
                class="mark-label"
                x={label.textX}
                y={label.textY}
                text-anchor={label.anchor}
              >
                {label.text}
              </text>
            ))}
          </svg>
        </>
      )}
    </div>
  );
}
