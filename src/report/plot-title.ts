import { type Area, label, line, polyline, rateAxis, responsive, svg, vmafAxis } from './figure.js';
import { crfText, kilobits } from './format.js';
import { placeLabels } from './labels.js';
import { type Markup, html } from './markup.js';
import { mark, seriesClass } from './palette.js';
import { extent, linearScale, logDomain, logScale, vmafDomain } from './scale.js';
import type { ReportRendition } from './schema.js';
import { resolutionKey } from './resolutions.js';
import type { CodecView, TitleCurve, View } from './view.js';

/** At most this many points of a title curve get a mark of their own; the line goes through all. */
const MARKED_POINTS = 10;

/** First, last and evenly chosen points between. */
export function thinned<T>(points: readonly T[], count: number): T[] {
  if (points.length <= count) return [...points];
  return Array.from(
    { length: count },
    (_, i) => points[Math.round((i * (points.length - 1)) / (count - 1))] as T,
  );
}

function rungTip(rendition: ReportRendition): string {
  const [finest, coarsest] = extent(rendition.chunks.map((chunk) => chunk.crf));
  return [
    `${rendition.id}: ${resolutionKey(rendition)} ${rendition.codec}`,
    `${kilobits(rendition.averageBitrate)} kbit/s average, ${kilobits(rendition.peakBitrate)} peak`,
    `VMAF ${rendition.vmaf.mean.toFixed(2)}, p5 ${rendition.vmaf.p5.toFixed(1)}, min ${rendition.vmaf.min.toFixed(1)}`,
    `crf ${crfText(finest)} to ${crfText(coarsest)}`,
  ].join('\n');
}

function curveTip(curve: TitleCurve, rate: number, quality: number): string {
  return `${curve.resolution.key}, all shots at one slope\n${kilobits(rate)} kbit/s, VMAF ${quality.toFixed(2)}`;
}

/** Rate and quality of the whole title: a curve for each resolution, the hull over them, the rungs that ship. */
function draw(view: View, codec: CodecView, id: string, width: number): Markup {
  const height = width > 600 ? 500 : 420;
  const area: Area = { left: 44, right: width - 16, top: 30, bottom: height - 46 };
  const points = [
    ...codec.curves.flatMap((curve) => curve.points),
    ...codec.renditions.map(({ averageBitrate, vmaf }) => ({ rate: averageBitrate, quality: vmaf.mean })),
  ];
  const [slowest, fastest] = logDomain(points.map((point) => point.rate));
  // Labels stand left of their marks: a narrow drawing needs more room there.
  const x = logScale([slowest / (width > 600 ? 1.3 : 2), fastest], [area.left, area.right], 34);
  const y = linearScale(vmafDomain(points.map((point) => point.quality)), [area.bottom, area.top], 10);
  const at = (point: { rate: number; quality: number }): [number, number] => [
    x(point.rate),
    y(point.quality),
  ];
  const rungs = codec.renditions.map((rendition, i) => {
    const [px, py] = at({ rate: rendition.averageBitrate, quality: rendition.vmaf.mean });
    const rank =
      view.resolutions.find((resolution) => resolution.key === resolutionKey(rendition))?.rank ?? 0;
    return { rendition, x: px, y: py, rank, text: codec.names[i] ?? rendition.id };
  });
  const size = 13;
  const labels = placeLabels(
    [...rungs].reverse(),
    { left: area.left + 2, right: area.right, top: 2, bottom: area.bottom - 2 },
    size,
  );
  const smallMarks = width > 600 ? 2.8 : 2.2;
  return svg({
    id,
    width,
    height,
    title: `Rate and quality of the title, ${codec.codec}`,
    description:
      `VMAF over bit rate. ${codec.curves.length} resolutions; ` +
      codec.renditions
        .map((r) => `${r.id} ${kilobits(r.averageBitrate)} kbit/s VMAF ${r.vmaf.mean.toFixed(1)}`)
        .join('; '),
    content: [
      vmafAxis(y, area, 'VMAF'),
      rateAxis(x, area, 'Average bit rate, kbit/s'),
      codec.hull.length > 1 && polyline(codec.hull.map(at), 'hull'),
      codec.curves.map((curve) => [
        polyline(curve.points.map(at), `curve ${seriesClass(curve.resolution.rank)}`),
        thinned(curve.points, MARKED_POINTS).map((point) =>
          mark({
            kind: 'title-point',
            x: x(point.rate),
            y: y(point.quality),
            r: smallMarks,
            rank: curve.resolution.rank,
            tip: curveTip(curve, point.rate, point.quality),
          }),
        ),
      ]),
      labels.map(
        (placed) =>
          placed.leader &&
          line(placed.x, placed.y, (placed.box.left + placed.box.right) / 2, placed.box.bottom, 'leader'),
      ),
      rungs.map((rung) =>
        mark({
          kind: 'rung',
          x: rung.x,
          y: rung.y,
          r: 6.5,
          rank: rung.rank,
          className: 'rung',
          tip: rungTip(rung.rendition),
        }),
      ),
      labels.map((placed) =>
        label(placed.textX, placed.textY, placed.text, { anchor: placed.anchor, className: 'rung-label' }),
      ),
    ],
  });
}

/** The title plot in both sizes. */
export function titlePlot(view: View, codec: CodecView, index: number): Markup {
  return html`${responsive((width, variant) => draw(view, codec, `title-${index}-${variant}`, width))}`;
}
