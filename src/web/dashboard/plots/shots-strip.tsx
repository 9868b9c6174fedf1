import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { clock, crfText, kilobits, plural } from '../../../report/browser.js';
import { type Column, Table } from '../parts/table.js';
import { useWidth } from '../parts/use-width.js';
import type { DashboardReport } from '../state/report.js';
import { vmafColour } from './colours.js';
import { type ShotBar, type ShotsLayout, shotsLayout, worstShots } from './shots-layout.js';

const TOP = 16;
const HEIGHT = 96;
const AXIS = 22;
const WORST = 5;
/** A bar is seen even where a shot takes next to nothing. */
const LEAST = 3;

function tip(bar: ShotBar): string {
  return (
    `Shot ${bar.shot}, from ${clock(bar.start)}, ${plural(bar.frames, 'frame')}\n` +
    `VMAF ${bar.vmaf.toFixed(1)}, p5 ${bar.p5.toFixed(1)}; ${kilobits(bar.rate)} kbit/s, crf ${crfText(bar.crf)}`
  );
}

function Bars({ layout }: { layout: ShotsLayout }): JSX.Element {
  const floor = TOP + HEIGHT;
  return (
    <>
      {layout.bars.map((bar) => {
        const height = Math.max(LEAST, bar.share * HEIGHT);
        const gap = bar.width > 4 ? 1 : 0;
        return (
          <rect
            key={bar.shot}
            data-mark="shot"
            class="shot"
            x={bar.x.toFixed(2)}
            y={(floor - height).toFixed(1)}
            width={(bar.width - gap).toFixed(2)}
            height={height.toFixed(1)}
            style={{ fill: vmafColour(bar.step) }}
          >
            <title>{tip(bar)}</title>
          </rect>
        );
      })}
      <line class="axis" x1={0} x2={layout.width} y1={floor + 0.5} y2={floor + 0.5} />
      {layout.x.ticks.map((tick, i) => (
        <text
          key={tick}
          class="tick"
          x={layout.x(tick)}
          y={floor + 16}
          text-anchor={i === 0 ? 'start' : layout.x(tick) > layout.width - 16 ? 'end' : 'middle'}
        >
          {clock(tick)}
        </text>
      ))}
      <text class="tick" x={0} y={TOP - 5}>
        {kilobits(layout.topRate)} kbit/s
      </text>
    </>
  );
}

const BOUNDS = ['below 40', '40', '55', '65', '73', '80', '86', '91', '95 and better'];

function Legend(): JSX.Element {
  return (
    <p class="step-legend small muted">
      VMAF {BOUNDS[0]}
      <span class="steps" aria-hidden="true">
        {BOUNDS.map((bound, step) => (
          <span key={bound} title={bound} style={{ background: vmafColour(step) }} />
        ))}
      </span>
      {BOUNDS.at(-1)}
    </p>
  );
}

const WORST_COLUMNS: Column<ShotBar>[] = [
  { label: 'Shot', heads: true, cell: ({ shot }) => shot },
  { label: 'From', numeric: true, cell: ({ start }) => clock(start) },
  { label: 'Frames', numeric: true, cell: ({ frames }) => frames },
  { label: 'VMAF', numeric: true, cell: ({ vmaf }) => vmaf.toFixed(2) },
  { label: 'p5', numeric: true, cell: ({ p5 }) => p5.toFixed(1) },
  { label: 'kbit/s', numeric: true, cell: ({ rate }) => kilobits(rate) },
  { label: 'crf', numeric: true, cell: ({ crf }) => crfText(crf) },
];

/** The title's shots along time, as one of its rungs has them: as high as their bit rate, coloured by VMAF. */
export function ShotsStrip({
  report,
  rungs,
}: {
  report: DashboardReport;
  rungs: readonly string[];
}): JSX.Element {
  const [chosen, setChosen] = useState(rungs[0]);
  const [box, width] = useWidth<HTMLDivElement>();
  const rendition = report.renditions.find(({ id }) => id === chosen) ?? report.renditions[0];
  const layout = rendition && width > 0 ? shotsLayout(report, rendition, width) : undefined;
  const worst = layout ? worstShots(layout.bars, WORST) : [];
  return (
    <div class="plot-box" ref={box}>
      <div class="plot-controls">
        <label>
          Rendition{' '}
          <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            {rungs.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <Legend />
      </div>
      {layout && (
        <svg
          class="plot"
          width={layout.width}
          height={TOP + HEIGHT + AXIS}
          role="img"
          aria-label={`${plural(layout.bars.length, 'shot')} along time. The table below has those that score lowest.`}
        >
          <Bars layout={layout} />
        </svg>
      )}
      <details>
        <summary>Shots that score lowest in {chosen}</summary>
        <Table
          caption="Shots that score lowest"
          columns={WORST_COLUMNS}
          rows={worst}
          rowKey={({ shot }) => shot}
        />
      </details>
    </div>
  );
}
