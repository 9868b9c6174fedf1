import { type Markup, html, round } from './markup.js';

/**
 * Colours of the resolutions, smallest first. All differ by at least 0.1 in OKLab for normal vision and for simulated
 * protanopia, deuteranopia and tritanopia, and contrast at least 3:1 with the page; a shape goes with each colour, so
 * that nothing rests on colour alone.
 */
export const SERIES_LIGHT = [
  ...['#c9822d', '#751b5a', '#548efd', '#865700'],
  ...['#3e269e', '#087769', '#d829a9', '#222222'],
] as const;
export const SERIES_DARK = [
  ...['#f35c05', '#ac3294', '#9bc6fc', '#e5c277'],
  ...['#7b49db', '#389f71', '#c68eba', '#f0f0f0'],
] as const;

/** Nine steps from nothing to much: fill, and the text on it. */
export const SEQUENTIAL_LIGHT = [
  ...['#e4f6fa', '#bde0ec', '#97cade', '#72b3d2', '#579bc2', '#3c83b1', '#2c6b9b', '#255481', '#1d3e66'],
];
export const SEQUENTIAL_DARK = [
  ...['#1e252e', '#283a4d', '#2e536c', '#306d8c', '#3988a7', '#41a4c1', '#59c0d6', '#7edbe7', '#a3f5fa'],
];
/** Nine steps from below to above an average, the fifth being the average. */
export const DIVERGING_LIGHT = [
  ...['#2863ab', '#6492cb', '#9abae4', '#ccdcf2', '#f3f2ef', '#edd6c4', '#d9ad8a', '#bc804d', '#8a4b12'],
];
export const DIVERGING_DARK = [
  ...['#86c5f7', '#5a98cb', '#456d8f', '#384a5a', '#2e2e2c', '#554434', '#85603c', '#bc854d', '#f7ab5d'],
];

/** Relative luminance of an sRGB colour `#rrggbb`, 0..1 (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colours, 1..21 (WCAG 2.2). */
export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white: what reads better on a colour. */
export function textOn(colour: string): string {
  return contrast(colour, '#000000') >= contrast(colour, '#ffffff') ? '#000000' : '#ffffff';
}

/** Step 0..8 of a value within [low, high]; values outside are at the ends. */
export function step(value: number, low: number, high: number): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return Math.max(0, Math.min(8, Math.floor(share * 9)));
}

/**
 * Lower bounds of steps 1..8 for VMAF: absolute, so that reports compare, and closer together at the top, where
 * ladders differ.
 */
export const VMAF_STEPS = [40, 55, 65, 73, 80, 86, 91, 95] as const;

export function vmafStep(vmaf: number): number {
  return VMAF_STEPS.filter((bound) => vmaf >= bound).length;
}

const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'wedge', 'cross', 'bar', 'star'] as const;

/** Path of a shape of about the area of a circle of radius `r`, centred on the origin. */
function shapePath(shape: (typeof SHAPES)[number], r: number): string {
  const polygon = (points: readonly (readonly [number, number])[]): string =>
    `M${points.map(([x, y]) => `${round(x * r, 2)} ${round(y * r, 2)}`).join('L')}Z`;
  switch (shape) {
    case 'circle':
      return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 'square':
      return polygon([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]); // prettier-ignore
    case 'triangle':
      return polygon([[0, -1.25], [1.2, 0.85], [-1.2, 0.85]]); // prettier-ignore
    case 'diamond':
      return polygon([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]); // prettier-ignore
    case 'wedge':
      return polygon([[0, 1.25], [1.2, -0.85], [-1.2, -0.85]]); // prettier-ignore
    case 'cross': {
      const [a, b] = [0.45, 1.25];
      const half: [number, number][] = [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a]]; // prettier-ignore
      return polygon([...half, ...half.map(([x, y]): [number, number] => [-x, -y])]);
    }
    case 'bar':
      return polygon([[-1.5, -0.6], [1.5, -0.6], [1.5, 0.6], [-1.5, 0.6]]); // prettier-ignore
    case 'star': {
      const corner = (i: number): [number, number] => {
        const [angle, size] = [(Math.PI / 5) * i - Math.PI / 2, i % 2 === 0 ? 1.45 : 0.62];
        return [Math.cos(angle) * size, Math.sin(angle) * size];
      };
      return polygon(Array.from({ length: 10 }, (_, i) => corner(i)));
    }
  }
}

/** CSS class of a resolution's colour: fill of marks, stroke of lines. */
export function seriesClass(rank: number): string {
  return `s${rank % SERIES_LIGHT.length}`;
}

/** Path of a resolution's mark, of about the area of a circle of radius `r`, centred on the origin. */
export function markPath(rank: number, r: number): string {
  return shapePath(SHAPES[rank % SHAPES.length] ?? 'circle', r);
}

export interface MarkOptions {
  /** What the mark stands for; tests count them. */
  kind: string;
  x: number;
  y: number;
  /** Radius, SVG units. */
  r: number;
  rank: number;
  tip?: string;
  className?: string;
}

/** The mark of a resolution at a place. */
export function mark(options: MarkOptions): Markup {
  const classes = `m ${seriesClass(options.rank)}${options.className ? ` ${options.className}` : ''}`;
  const place = `translate(${round(options.x)} ${round(options.y)})`;
  const tip = options.tip === undefined ? undefined : html` data-tip="${options.tip}"`;
  return html`<path
    class="${classes}"
    data-mark="${options.kind}"
    d="${markPath(options.rank, options.r)}"
    transform="${place}"
    ${tip}
  />`;
}
