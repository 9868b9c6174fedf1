import type { JSX } from 'preact';
import { bytes, crfText, kilobits } from '../../../../report/browser.js';
import { type Column, Table } from '../../parts/table.js';
import { type Rung, seriesOf } from '../../state/report.js';
import { codecName } from '../../state/words.js';

const BASIC: Column<Rung>[] = [
  { label: 'Rendition', heads: true, cell: ({ id }) => id },
  { label: 'Codec', cell: (rung) => codecName(rung.codec) + (rung.range === 'SDR' ? '' : `, ${rung.range}`) },
  { label: 'Resolution', numeric: true, cell: ({ width, height }) => `${width}×${height}` },
  { label: 'kbit/s', numeric: true, cell: ({ averageBitrate }) => kilobits(averageBitrate) },
  { label: 'Peak', numeric: true, cell: ({ peakBitrate }) => kilobits(peakBitrate) },
  { label: 'VMAF', numeric: true, className: 'strong', cell: ({ mean }) => mean.toFixed(2) },
];

const FROM_REPORT: Column<Rung>[] = [
  { label: 'p5', numeric: true, cell: ({ p5 }) => p5?.toFixed(1) },
  { label: 'Min', numeric: true, cell: ({ min }) => min?.toFixed(1) },
  { label: 'Size', numeric: true, cell: ({ bits }) => bits && bytes(bits / 8) },
  {
    label: 'crf',
    numeric: true,
    cell: ({ crf }) => crf && (crf[0] === crf[1] ? crfText(crf[0]) : `${crfText(crf[0])}–${crfText(crf[1])}`),
  },
];

/** The renditions that ship. */
export function Ladder({ ladder }: { ladder: readonly Rung[] }): JSX.Element {
  const known = ladder.some(({ p5 }) => p5 !== undefined);
  const oneSeries = new Set(ladder.map(seriesOf)).size === 1;
  const columns = [...BASIC, ...(known ? FROM_REPORT : [])].filter(
    // One codec for all is in the names already.
    ({ label }) => !(oneSeries && label === 'Codec'),
  );
  return (
    <Table
      className="ladder"
      caption="Renditions of the title"
      columns={columns}
      rows={ladder}
      rowKey={({ id }) => id}
    />
  );
}
