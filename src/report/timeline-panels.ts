import { crfText, kilobits } from './format.js';
import { VMAF_STEPS, step, vmafStep } from './palette.js';
import { extent } from './scale.js';
import type { ReportRendition } from './schema.js';
import { type CodecView, type View, shotSeconds } from './view.js';

/** One shot in one row. */
export interface Cell {
  position: number;
  /** Step of the colour scale, 0..8. */
  step: number;
  text: string;
  tip: string;
}

export interface Row {
  name: string;
  cells: Cell[];
}

/** Rows of one quantity on one colour scale. */
export interface Panel {
  title: string;
  /** Which colour scale, and what its ends mean. */
  colours: 'sequential' | 'diverging';
  ends: readonly [string, string];
  kind: string;
  rows: Row[];
}

/** Rows of one panel: a rung each, the best on top, a cell for every shot. */
function rungRows(
  view: View,
  codec: CodecView,
  cell: (chunk: ReportRendition['chunks'][number], position: number, rendition: ReportRendition) => Cell,
): Row[] {
  const places = new Map(view.report.shots.map((shot, position) => [shot.index, position]));
  const rows = codec.renditions.map((rendition, i) => ({
    name: codec.names[i] ?? rendition.id,
    cells: rendition.chunks.flatMap((chunk) => {
      const position = places.get(chunk.shot);
      return position === undefined ? [] : [cell(chunk, position, rendition)];
    }),
  }));
  return rows.reverse();
}

/** What the timeline shows of every rung and shot: VMAF, bit rate, crf; and the complexity of the shots. */
export function panels(view: View, codec: CodecView): Panel[] {
  const { shots } = view.report;
  const chunks = codec.renditions.flatMap((rendition) => rendition.chunks);
  const crfs = chunks.map((chunk) => chunk.crf);
  const [crfLow, crfHigh] = extent(crfs);
  const rate = (bits: number, position: number): number => {
    const shot = shots[position];
    return shot === undefined ? 0 : bits / shotSeconds(shot, view.fps);
  };
  const tip = (
    chunk: ReportRendition['chunks'][number],
    position: number,
    rendition: ReportRendition,
  ): string =>
    `${rendition.id}, shot ${chunk.shot}\nVMAF ${chunk.vmaf.mean.toFixed(2)}, p5 ${chunk.vmaf.p5.toFixed(1)}, ` +
    `min ${chunk.vmaf.min.toFixed(1)}\n${kilobits(rate(chunk.bits, position))} kbit/s, crf ${crfText(chunk.crf)}`;
  const complexity = (name: 'spatial' | 'temporal'): Row => {
    const values = shots.map((shot) => shot.complexity[name]);
    const [, high] = extent(values);
    return {
      name,
      cells: values.map((value, position) => ({
        position,
        step: step(value, 0, high),
        text: value.toFixed(1),
        tip: `Shot ${shots[position]?.index ?? position}\n${name} complexity ${value.toFixed(2)}`,
      })),
    };
  };
  return [
    {
      title: 'VMAF',
      colours: 'sequential',
      ends: [`< ${VMAF_STEPS[0]}`, `≥ ${VMAF_STEPS[7]}`],
      kind: 'cell-vmaf',
      rows: rungRows(view, codec, (chunk, position, rendition) => ({
        position,
        step: vmafStep(chunk.vmaf.mean),
        text: chunk.vmaf.mean.toFixed(1),
        tip: tip(chunk, position, rendition),
      })),
    },
    {
      title: 'Bit rate, kbit/s; colour: against the rung’s average',
      colours: 'diverging',
      ends: ['≤ ¼ ×', '≥ 4 ×'],
      kind: 'cell-rate',
      rows: rungRows(view, codec, (chunk, position, rendition) => {
        const here = rate(chunk.bits, position);
        const average = rendition.bits / (view.report.title.frames / view.fps);
        return {
          position,
          step: step(Math.log2(here / average), -18 / 7, 18 / 7),
          text: kilobits(here),
          tip: `${tip(chunk, position, rendition)}\n${(here / average).toFixed(2)} × the rung's average`,
        };
      }),
    },
    {
      title: 'crf',
      colours: 'sequential',
      ends: [crfText(crfLow), crfText(crfHigh)],
      kind: 'cell-crf',
      rows: rungRows(view, codec, (chunk, position, rendition) => ({
        position,
        step: step(chunk.crf, crfLow, crfHigh),
        text: crfText(chunk.crf),
        tip: tip(chunk, position, rendition),
      })),
    },
    {
      title: 'Complexity',
      colours: 'sequential',
      ends: ['0', 'the most'],
      kind: 'cell-complexity',
      rows: [complexity('spatial'), complexity('temporal')],
    },
  ];
}
