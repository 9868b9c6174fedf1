import { upperHull } from './curves.js';
import { type Area, label, polyline, rateAxis, svg, vmafAxis } from './figure.js';
import { clock, crfText, kilobits, plural } from './format.js';
import { type Markup, html } from './markup.js';
import { mark } from './palette.js';
import { type Scale, linearScale, logDomain, logScale, vmafDomain } from './scale.js';
import { type CodecView, type Encode, type View, drawnShots } from './view.js';

/** More shots than this are not drawn one by one: the page would be slow. */
export const MAX_SHOT_PLOTS = 240;
/** Plots on one page of the small multiples. */
export const PLOTS_A_PAGE = 12;

const WIDTH = 330;
const HEIGHT = 236;
const AREA: Area = { left: 34, right: WIDTH - 8, top: 34, bottom: HEIGHT - 26 };

function tip(encode: Encode): string {
  return [
    `${encode.rung === undefined ? 'probe' : `ships in ${encode.rung}`}: ${encode.resolution.key}, crf ${crfText(encode.crf)}`,
    `${kilobits(encode.rate)} kbit/s, VMAF ${encode.quality.toFixed(2)}`,
    `p5 ${encode.vmaf.p5.toFixed(1)}, min ${encode.vmaf.min.toFixed(1)}`,
  ].join('\n');
}

function draw(
  view: View,
  encodes: readonly Encode[],
  position: number,
  id: string,
  x: Scale,
  y: Scale,
): Markup {
  const shot = view.report.shots[position];
  if (shot === undefined) return html``;
  const from = clock(shot.startFrame / view.fps);
  const hull = upperHull(encodes).map((point): [number, number] => [x(point.rate), y(point.quality)]);
  const marks = (kind: Encode['kind'], r: number): Markup[] =>
    encodes
      .filter((encode) => encode.kind === kind)
      .map((encode) =>
        mark({
          kind,
          x: x(encode.rate),
          y: y(encode.quality),
          r,
          rank: encode.resolution.rank,
          tip: tip(encode),
          ...(kind === 'chunk' ? { className: 'ring' } : {}),
        }),
      );
  return svg({
    id,
    width: WIDTH,
    height: HEIGHT,
    title: `Shot ${shot.index}`,
    description: `VMAF over bit rate of ${plural(encodes.length, 'encode')} of shot ${shot.index}.`,
    content: [
      vmafAxis(y, AREA, undefined),
      rateAxis(x, AREA, undefined),
      hull.length > 1 && polyline(hull, 'hull thin'),
      marks('chunk', 5),
      marks('probe', 2.8),
      label(2, 14, `Shot ${shot.index}`, { className: 'plot-title' }),
      label(WIDTH - 8, 14, `${from}, ${plural(shot.endFrame - shot.startFrame, 'frame')}`, {
        anchor: 'end',
        className: 'tick',
      }),
    ],
  });
}

/**
 * One small plot a shot, all on the same axes: every probe, the shot's hull, and the chunks that ship as larger
 * outlines. Grouped in pages, of which a script shows one at a time.
 */
export function shotPlots(view: View, codec: CodecView, index: number): Markup {
  const drawn = drawnShots(view, codec, MAX_SHOT_PLOTS);
  const all = codec.encodes.flat();
  const x = logScale(logDomain(all.map((encode) => encode.rate)), [AREA.left, AREA.right], 30);
  const y = linearScale(vmafDomain(all.map((encode) => encode.quality)), [AREA.bottom, AREA.top], 20);
  const pages = Array.from({ length: Math.ceil(drawn.length / PLOTS_A_PAGE) }, (_, page) =>
    drawn.slice(page * PLOTS_A_PAGE, (page + 1) * PLOTS_A_PAGE),
  );
  const name = (shots: readonly number[]): string => {
    const numbers = shots.map((position) => view.report.shots[position]?.index ?? 0);
    return numbers.length === 1
      ? `Shot ${numbers[0] ?? 0}`
      : `Shots ${numbers[0] ?? 0} to ${numbers.at(-1) ?? 0}`;
  };
  const select = html`<label class="pager"
    >Show
    <select data-pager="shots-${index}">
      ${pages.map((page, number) => html`<option value="${number}">${name(page)}</option>`)}
    </select></label
  >`;
  return html`${pages.length > 1 && select}
    <div id="shots-${index}">
      ${pages.map(
        (page) =>
          html`<div class="multiples">
            ${page.map((position) =>
              draw(view, codec.encodes[position] ?? [], position, `shot-${index}-${position}`, x, y),
            )}
          </div>`,
      )}
    </div>`;
}
