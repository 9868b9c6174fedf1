/** Colours that WebVTT has classes for (5.1: white, lime, cyan, red, yellow, magenta, blue, black). */
const COLOURS = {
  white: [255, 255, 255],
  lime: [0, 255, 0],
  cyan: [0, 255, 255],
  red: [255, 0, 0],
  yellow: [255, 255, 0],
  magenta: [255, 0, 255],
  blue: [0, 0, 255],
  black: [0, 0, 0],
} as const;

export type ColourClass = keyof typeof COLOURS;

/** Names of CSS and TTML for colours of 16, which are what files name. */
const NAMED: Readonly<Record<string, readonly [number, number, number]>> = {
  ...COLOURS,
  silver: [192, 192, 192],
  gray: [128, 128, 128],
  grey: [128, 128, 128],
  maroon: [128, 0, 0],
  purple: [128, 0, 128],
  fuchsia: [255, 0, 255],
  green: [0, 128, 0],
  olive: [128, 128, 0],
  navy: [0, 0, 128],
  teal: [0, 128, 128],
  aqua: [0, 255, 255],
};

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

function channels(text: string): Rgba | undefined {
  const name = text.trim().toLowerCase();
  if (name === 'transparent') return [0, 0, 0, 0];
  const named = NAMED[name];
  if (named) return [...named, 255];
  const hex = /^#([0-9a-f]{6})([0-9a-f]{2})?$/.exec(name);
  if (hex) {
    const value = parseInt(hex[1] ?? '', 16);
    return [value >> 16, (value >> 8) & 255, value & 255, parseInt(hex[2] ?? 'ff', 16)];
  }
  const rgb = /^rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,(\d{1,3}))?\)$/.exec(name.replaceAll(' ', ''));
  return rgb ? [Number(rgb[1]), Number(rgb[2]), Number(rgb[3]), Number(rgb[4] ?? 255)] : undefined;
}

/** The class nearest to a colour of CSS or TTML; undefined for a transparent one and for what is no colour. */
export function colourClass(text: string): ColourClass | undefined {
  const colour = channels(text);
  if (!colour || colour[3] === 0) return undefined;
  const distance = (other: readonly [number, number, number]): number =>
    other.reduce((sum, value, channel) => sum + (value - (colour[channel] ?? 0)) ** 2, 0);
  const ranked = (Object.keys(COLOURS) as ColourClass[]).map((name) => ({
    name,
    far: distance(COLOURS[name]),
  }));
  return ranked.reduce((best, next) => (next.far < best.far ? next : best)).name;
}
