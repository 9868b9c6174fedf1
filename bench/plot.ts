import type { RdPoint } from '../src/encode/index.js';

export interface Series {
  name: string;
  /** Any order; rates > 0. */
  points: readonly RdPoint[];
}

export interface PlotOptions {
  title: string;
  /** Axis labels, e.g. `bit rate (kbit/s)` and `VMAF`. */
  xLabel: string;
  yLabel: string;
  /** What a rate is divided by for the axis: 1000 shows bit/s as kbit/s. */
  rateUnit: number;
  /** A logarithmic axis for the quality too, which is positive then; the names stand above, where curves fall. */
  bothLogarithmic?: boolean;
}

const [WIDTH, HEIGHT] = [720, 440];
const BOX = { left: 64, right: WIDTH - 20, top: 40, bottom: HEIGHT - 52 };
/** Told apart by people with colour blindness too (Okabe & Ito). */
const COLOURS = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

function escape(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The values 1, 2 and 5 times a power of ten in [low, high]. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent++) {
    ticks.push(...[1, 2, 5].map((digit) => digit * 10 ** exponent));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** Multiples of 1, 2 or 5 times a power of ten in [low, high], at most ten of them. */
export function linearTicks(low: number, high: number): number[] {
  const power = 10 ** Math.floor(Math.log10((high - low) / 10));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((s) => (high - low) / s <= 10)!;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Range of the values, widened on both sides by a share of itself, and never empty. */
function padded(values: readonly number[], share: number): [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * share || 1;
  return [low - margin, high + margin];
}

/**
 * An SVG of curves, of rate and distortion as a rule: logarithmic rate, linear quality unless asked otherwise. Throws
 * RangeError where nothing can be drawn.
 */
export function rdPlot(series: readonly Series[], options: PlotOptions): string {
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) throw new RangeError('nothing to plot');
  if (!all.every(({ rate, quality }) => rate > 0 && Number.isFinite(rate) && Number.isFinite(quality))) {
    throw new RangeError('a plot needs finite qualities and positive rates');
  }
  const [x0, x1] = padded(
    all.map(({ rate }) => Math.log10(rate / options.rateUnit)),
    0.04,
  );
  const { bothLogarithmic = false } = options;
  if (bothLogarithmic && !all.every(({ quality }) => quality > 0)) {
    throw new RangeError('a logarithmic axis needs positive values');
  }
  const scaled = (quality: number): number => (bothLogarithmic ? Math.log10(quality) : quality);
  const [y0, y1] = padded(
    all.map(({ quality }) => scaled(quality)),
    0.06,
  );
  const x = (rate: number): string =>
    (BOX.left + ((Math.log10(rate) - x0) / (x1 - x0)) * (BOX.right - BOX.left)).toFixed(1);
  const y = (quality: number): string =>
    (BOX.bottom - ((scaled(quality) - y0) / (y1 - y0)) * (BOX.bottom - BOX.top)).toFixed(1);

  const grid = [
    ...logTicks(10 ** x0, 10 ** x1).map(
      (tick) =>
        `<path d="M${x(tick)} ${BOX.top}V${BOX.bottom}"/>` +
        `<text x="${x(tick)}" y="${BOX.bottom + 18}" text-anchor="middle">${Number(tick.toPrecision(6))}</text>`,
    ),
    ...(bothLogarithmic ? logTicks(10 ** y0, 10 ** y1) : linearTicks(y0, y1)).map(
      (tick) =>
        `<path d="M${BOX.left} ${y(tick)}H${BOX.right}"/>` +
        `<text x="${BOX.left - 8}" y="${y(tick)}" dy="4" text-anchor="end">${Number(tick.toPrecision(12))}</text>`,
    ),
  ];
  const curves = series.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const at = [...points]
      .sort((a, b) => a.rate - b.rate)
      .map(({ rate, quality }) => [x(rate / options.rateUnit), y(quality)] as const);
    const marks = at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`).join('');
    const line = `<polyline points="${at.map((p) => p.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    const legendY = bothLogarithmic ? BOX.top + 18 + 18 * i : BOX.bottom - 14 - 18 * (series.length - 1 - i);
    const legend = `<text x="${BOX.right - 10}" y="${legendY}" text-anchor="end" fill="${colour}">${escape(name)}</text>`;
    return line + marks + legend;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">\n` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>\n` +
    `<text x="${BOX.left}" y="24" font-size="15" font-weight="bold">${escape(options.title)}</text>\n` +
    `<g stroke="#ddd" fill="#444">${grid.join('').replaceAll('<text', '<text stroke="none"')}</g>\n` +
    `<text x="${(BOX.left + BOX.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escape(options.xLabel)}</text>\n` +
    `<text transform="translate(18 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(options.yLabel)}</text>\n` +
    `${curves.join('\n')}\n</svg>\n`
  );
}
