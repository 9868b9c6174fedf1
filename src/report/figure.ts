import { type Markup, type Part, html, round } from './markup.js';
import type { Scale } from './scale.js';

/** Place of the data in a drawing, SVG units. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Drawing {
  /** Unique in the page. */
  id: string;
  width: number;
  height: number;
  title: string;
  /** What the drawing shows, for those who cannot see it. */
  description: string;
  className?: string;
  content: Part;
}

/** An SVG that scales with its box, with title and description. */
export function svg(drawing: Drawing): Markup {
  const { id, width, height } = drawing;
  return html`<svg id="${id}" class="${drawing.className ?? 'plot'}" viewBox="0 0 ${width} ${round(height)}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${drawing.title}</title><desc id="${id}-d">${drawing.description}</desc>${drawing.content}</svg>`; // prettier-ignore
}

/** Width of a text, SVG units: of the widest common system font, so that labels stay apart in all. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.66;
}

export interface TextOptions {
  anchor?: 'start' | 'middle' | 'end';
  className?: string;
}

export function label(x: number, y: number, text: string, options: TextOptions = {}): Markup {
  const anchor = options.anchor && options.anchor !== 'start' && html` text-anchor="${options.anchor}"`;
  const className = options.className !== undefined && html` class="${options.className}"`;
  return html`<text x="${round(x)}" y="${round(y)}" ${anchor}${className}>${text}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): Markup {
  return html`<line class="${className}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`; // prettier-ignore
}

/** An open line through points. */
export function polyline(points: readonly (readonly [number, number])[], className: string): Markup {
  const d = points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L');
  return html`<path class="${className}" d="M${d}" />`;
}

/** Tick label of a rate in kbit/s: `300`, `1.5k`, `20k`. */
export function kbitTick(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

/** Horizontal axis of bit rates (the scale is in bit/s) with grid lines; `name` goes below. */
export function rateAxis(x: Scale, area: Area, name: string | undefined): Markup[] {
  return [
    ...x.ticks.flatMap((tick) => [
      line(x(tick), area.top, x(tick), area.bottom, 'grid'),
      label(x(tick), area.bottom + 16, kbitTick(tick / 1000), { anchor: 'middle', className: 'tick' }),
    ]),
    line(area.left, area.bottom, area.right, area.bottom, 'axis'),
    ...(name === undefined
      ? []
      : [
          label((area.left + area.right) / 2, area.bottom + 36, name, {
            anchor: 'middle',
            className: 'name',
          }),
        ]),
  ];
}

/** Vertical axis of VMAF with grid lines; `name` goes above its upper end. */
export function vmafAxis(y: Scale, area: Area, name: string | undefined): Markup[] {
  return [
    ...y.ticks.flatMap((tick) => [
      line(area.left, y(tick), area.right, y(tick), 'grid'),
      label(area.left - 7, y(tick) + 4, String(tick), { anchor: 'end', className: 'tick' }),
    ]),
    ...(name === undefined
      ? []
      : [label(area.left - 7, area.top - 10, name, { anchor: 'end', className: 'name' })]),
  ];
}

/** A drawing made for wide and for narrow boxes; the style sheet shows the one that fits. */
export function responsive(draw: (width: number, variant: 'wide' | 'narrow') => Markup): Markup {
  return html`<div class="wide">${draw(1040, 'wide')}</div>
    <div class="narrow">${draw(380, 'narrow')}</div>`;
}
