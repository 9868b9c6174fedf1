import { winners } from './curves.js';
import { type Area, label, rateAxis, responsive, svg } from './figure.js';
import { crfText, kilobits } from './format.js';
import { type Markup, html, round } from './markup.js';
import { seriesClass } from './palette.js';
import { type Scale, logDomain, logScale } from './scale.js';
import { MAX_SHOT_PLOTS } from './plot-shots.js';
import { type CodecView, type Encode, type View, drawnShots } from './view.js';

function rowHeight(rows: number): number {
  return rows <= 12 ? 24 : rows <= 40 ? 16 : rows <= 80 ? 10 : 6;
}

function bars(
  view: View,
  encodes: readonly Encode[],
  shot: number,
  x: Scale,
  top: number,
  height: number,
): Markup[] {
  const series = view.resolutions.map((resolution) =>
    encodes.filter((encode) => encode.resolution.rank === resolution.rank),
  );
  return winners(series, x.domain).map((win) => {
    const name = view.resolutions[win.series]?.key ?? '';
    const tip = `Shot ${shot}: ${name} is best from ${kilobits(win.from)} to ${kilobits(win.to)} kbit/s`;
    return html`<rect
      class="m win ${seriesClass(win.series)}"
      x="${round(x(win.from))}"
      y="${round(top)}"
      width="${round(x(win.to) - x(win.from))}"
      height="${round(height)}"
      data-tip="${tip}"
    />`;
  });
}

function chunkMark(encode: Encode, shot: number, x: number, y: number, r: number): Markup {
  const tip =
    `Shot ${shot} in ${encode.rung ?? ''}: ${encode.resolution.key}, crf ${crfText(encode.crf)}\n` +
    `${kilobits(encode.rate)} kbit/s, VMAF ${encode.quality.toFixed(2)}`;
  return html`<circle
    class="m chosen ${seriesClass(encode.resolution.rank)}"
    cx="${round(x)}"
    cy="${round(y)}"
    r="${r}"
    data-mark="winner-chunk"
    data-tip="${tip}"
  />`;
}

function draw(view: View, codec: CodecView, id: string, width: number): Markup {
  const drawn = drawnShots(view, codec, MAX_SHOT_PLOTS);
  const row = rowHeight(drawn.length);
  const area: Area = { left: 44, right: width - 16, top: 22, bottom: 22 + drawn.length * row };
  const rates = codec.encodes.flat().map((encode) => encode.rate);
  const x = logScale(logDomain(rates, 1.05), [area.left, area.right], 34);
  const every = [1, 5, 10, 20].find((n) => n * row >= 14) ?? 20;
  const gap = row > 8 ? 2 : 1;
  return svg({
    id,
    width,
    height: area.bottom + 44,
    title: `Winning resolution by bit rate, ${codec.codec}`,
    description:
      'One row a shot; the colour says which resolution has the best VMAF at that bit rate; dots are chunks.',
    content: [
      label(area.left - 7, 12, 'Shot', { anchor: 'end', className: 'name' }),
      rateAxis(x, area, 'Bit rate of the shot, kbit/s'),
      drawn.map((position, i) => {
        const shot = view.report.shots[position]?.index ?? position;
        const top = area.top + i * row;
        const encodes = codec.encodes[position] ?? [];
        return [
          i % every === 0 &&
            label(area.left - 7, top + row / 2 + 4, String(shot), { anchor: 'end', className: 'tick' }),
          bars(view, encodes, shot, x, top, row - gap),
          encodes
            .filter((encode) => encode.kind === 'chunk')
            .map((encode) =>
              chunkMark(encode, shot, x(encode.rate), top + (row - gap) / 2, Math.min(4.5, row / 3)),
            ),
        ];
      }),
    ],
  });
}

/** For every shot, which resolution is best at which bit rate, and where the chunks that ship sit. */
export function winnersPlot(view: View, codec: CodecView, index: number): Markup {
  return html`${responsive((width, variant) => draw(view, codec, `winners-${index}-${variant}`, width))}`;
}
