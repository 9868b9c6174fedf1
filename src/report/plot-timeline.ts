import { type Area, label, line, responsive, svg, textWidth } from './figure.js';
import { clock, timecode } from './format.js';
import { type Markup, type Part, html, round } from './markup.js';
import { type Scale, linearScale, timeStep } from './scale.js';
import { type Cell, type Panel, panels } from './timeline-panels.js';
import type { CodecView, View } from './view.js';

interface Layout {
  view: View;
  area: Area;
  x: Scale;
  rowHeight: number;
  wide: boolean;
}

const HEADING = 26;

function span(layout: Layout, startFrame: number, endFrame: number): { left: number; width: number } {
  const left = layout.x(startFrame / layout.view.fps);
  return { left, width: Math.max(0.3, layout.x(endFrame / layout.view.fps) - left) };
}

function cellMarkup(layout: Layout, panel: Panel, cell: Cell, top: number): Markup {
  const shot = layout.view.report.shots[cell.position];
  const { left, width } = span(layout, shot?.startFrame ?? 0, shot?.endFrame ?? 0);
  const gap = width > 4 ? 1 : 0;
  const fits = textWidth(cell.text, 11) + 4 <= width;
  return html`<g class="q${cell.step}" data-mark="${panel.kind}" data-tip="${cell.tip}"
    ><rect
      x="${round(left, 2)}"
      y="${round(top)}"
      width="${round(width - gap, 2)}"
      height="${round(layout.rowHeight - 1)}"
    />${fits && label(left + (width - gap) / 2, top + layout.rowHeight / 2 + 3.5, cell.text, { anchor: 'middle' })}</g
  >`;
}

function shortened(name: string, space: number, size: number): string {
  const room = Math.floor(space / (size * 0.66));
  return name.length <= room ? name : `${name.slice(0, Math.max(1, room - 1))}…`;
}

/** The nine colours of a panel's scale, set right, with what the ends mean. */
function colourKey(panel: Panel, right: number, top: number, size: number): Markup {
  const [low, high] = panel.ends;
  const end = right - textWidth(high, 11) - 2;
  const start = end - 9 * size;
  const steps = Array.from({ length: 9 }, (_, i) => i);
  return html`${label(start - 5, top + 9, low, { anchor: 'end', className: 'key-text' })}
  ${steps.map(
    (i) =>
      html`<g class="q${i}"
        ><rect x="${round(start + i * size)}" y="${top}" width="${size - 1}" height="10"
      /></g>`,
  )}
  ${label(end + 4, top + 9, high, { className: 'key-text' })}`;
}

function panelMarkup(layout: Layout, panel: Panel, top: number): Markup {
  const { area, rowHeight, wide } = layout;
  return html`<g class="${panel.colours}">
    ${label(0, top + 16, wide ? panel.title : (panel.title.split(';')[0] ?? ''), { className: 'panel-title' })}
    ${colourKey(panel, area.right, top + 6, wide ? 16 : 11)}
    ${panel.rows.map((row, i) => {
      const y = top + HEADING + i * rowHeight;
      return [
        label(area.left - 6, y + rowHeight / 2 + 4, shortened(row.name, area.left - 6, 12), {
          anchor: 'end',
          className: 'tick',
        }),
        row.cells.map((cell) => cellMarkup(layout, panel, cell, y)),
      ];
    })}
  </g>`;
}

/** The strip of shots, and under it one of findings that have a place in time. */
function strips(layout: Layout, top: number): Markup {
  const { view, area, rowHeight } = layout;
  const { shots, master, title } = view.report;
  const placed = master.findings.filter((finding) => finding.startFrame !== undefined);
  return html`<g class="strip">
    ${label(area.left - 6, top + rowHeight / 2 + 4, 'shot', { anchor: 'end', className: 'tick' })}
    ${shots.map((shot, i) => {
      const { left, width } = span(layout, shot.startFrame, shot.endFrame);
      const text = String(shot.index);
      const tip =
        `Shot ${shot.index}\n${timecode(shot.startFrame, title.fps)} to ${timecode(shot.endFrame, title.fps)}\n` +
        `frames ${shot.startFrame} to ${shot.endFrame - 1}`;
      return html`<g class="shot${i % 2}" data-mark="shot" data-tip="${tip}"
        ><rect
          x="${round(left, 2)}"
          y="${round(top)}"
          width="${round(width, 2)}"
          height="${rowHeight - 1}"
        />${textWidth(text, 11) + 4 <= width && label(left + width / 2, top + rowHeight / 2 + 3.5, text, { anchor: 'middle' })}</g
      >`;
    })}
    ${placed.length > 0 && label(area.left - 6, top + rowHeight * 1.5 + 4, 'findings', { anchor: 'end', className: 'tick' })}
    ${placed.map((finding) => {
      const start = finding.startFrame ?? 0;
      const { left, width } = span(layout, start, finding.endFrame ?? start + 1);
      return html`<rect
        class="finding ${finding.severity}"
        data-mark="finding"
        data-tip="${`${finding.code} (${finding.severity})\n${finding.message}`}"
        x="${round(left, 2)}"
        y="${round(top + rowHeight + 2)}"
        width="${round(Math.max(2, width), 2)}"
        height="${rowHeight - 5}"
      />`;
    })}
  </g>`;
}

function draw(view: View, codec: CodecView, id: string, width: number): Markup {
  const wide = width > 600;
  const rowHeight = 18;
  const seconds = view.report.title.frames / view.fps;
  // Room for the longest name, but not more than a third of a narrow drawing.
  const longest = Math.max(...[...codec.names, 'temporal', 'findings'].map((name) => textWidth(name, 12)));
  const area: Area = { left: Math.min(longest + 8, wide ? 200 : 110), right: width - 10, top: 4, bottom: 0 };
  const x = linearScale([0, seconds], [area.left, area.right], timeStep(seconds, wide ? 14 : 5));
  const layout: Layout = { view, area, x, rowHeight, wide };
  const hasFindings = view.report.master.findings.some((finding) => finding.startFrame !== undefined);
  let top = area.top + rowHeight * (hasFindings ? 2 : 1) + 6;
  const drawn: Part[] = [strips(layout, area.top)];
  for (const panel of panels(view, codec)) {
    drawn.push(panelMarkup(layout, panel, top));
    top += HEADING + panel.rows.length * rowHeight + 4;
  }
  return svg({
    id,
    width,
    height: top + 44,
    title: `Shots over time, ${codec.codec}`,
    description:
      'Shots to scale along time; for each rung and shot VMAF, bit rate and crf. The table below has the numbers.',
    content: [
      drawn,
      line(area.left, top, area.right, top, 'axis'),
      x.ticks.flatMap((tick) => [
        line(x(tick), top, x(tick), top + 5, 'axis'),
        label(x(tick), top + 18, clock(tick), { anchor: 'middle', className: 'tick' }),
      ]),
      label((area.left + area.right) / 2, top + 38, 'Time, minutes and seconds', {
        anchor: 'middle',
        className: 'name',
      }),
    ],
  });
}

/** What every rung gives every shot, along time. */
export function timelinePlot(view: View, codec: CodecView, index: number): Markup {
  return html`${responsive((width, variant) => draw(view, codec, `timeline-${index}-${variant}`, width))}`;
}
