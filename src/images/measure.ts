/** Measures on an RGB frame, pure. All are of what lies within black bars. */
export interface Measures {
  /** Share of the frame that is not black bars, 0..1. */
  area: number;
  /** Luma: mean and standard deviation, 0..255. */
  mean: number;
  deviation: number;
  /** Share of pixels that are nearly black, and nearly white. */
  dark: number;
  bright: number;
  /** Variance of the Laplacian of luma (Pech-Pacheco et al. 2000): falls when a picture is blurred. */
  laplacian: number;
  /** Share of blocks whose luma deviates by more than noise does. */
  detailed: number;
  /** Colourfulness (Hasler and Süsstrunk 2003): 0 for grey, about 80 for very colourful. */
  colourful: number;
  /** Share of pixels with the chroma of skin (Chai and Ngan 1999), 0..1. */
  skin: number;
}

/** Full-range BT.709 luma of RGB pixels, rounded down. */
export function lumaOf(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    luma[i] = (54 * rgb[at]! + 183 * rgb[at + 1]! + 19 * rgb[at + 2]!) >> 8;
  }
  return luma;
}

interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Luma of a bar at most: black in limited range is 0 here, and compression leaves a little. */
const BAR = 20;

/** What lies within rows and columns that are black throughout; no pixels where all is black. */
export function activeArea(luma: Uint8Array, width: number, height: number): Area {
  const blackRow = (y: number): boolean => luma.subarray(y * width, (y + 1) * width).every((v) => v <= BAR);
  let [top, bottom] = [0, height];
  while (top < bottom && blackRow(top)) top++;
  while (bottom > top && blackRow(bottom - 1)) bottom--;
  const blackColumn = (x: number): boolean => {
    for (let y = top; y < bottom; y++) if (luma[y * width + x]! > BAR) return false;
    return true;
  };
  let [left, right] = [0, top < bottom ? width : 0];
  while (left < right && blackColumn(left)) left++;
  while (right > left && blackColumn(right - 1)) right--;
  return { left, top, right, bottom };
}

const NEARLY_BLACK = 32;
const NEARLY_WHITE = 235;

function tones(
  luma: Uint8Array,
  width: number,
  area: Area,
): Pick<Measures, 'mean' | 'deviation' | 'dark' | 'bright'> {
  let [count, sum, squares, dark, bright] = [0, 0, 0, 0, 0];
  for (let y = area.top; y < area.bottom; y++) {
    for (let i = y * width + area.left; i < y * width + area.right; i++) {
      const value = luma[i]!;
      count++;
      sum += value;
      squares += value * value;
      if (value < NEARLY_BLACK) dark++;
      if (value > NEARLY_WHITE) bright++;
    }
  }
  if (count === 0) return { mean: 0, deviation: 0, dark: 1, bright: 0 };
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { mean, deviation, dark: dark / count, bright: bright / count };
}

function laplacianVariance(luma: Uint8Array, width: number, area: Area): number {
  let [count, sum, squares] = [0, 0, 0];
  for (let y = area.top + 1; y < area.bottom - 1; y++) {
    for (let i = y * width + area.left + 1; i < y * width + area.right - 1; i++) {
      const value = 4 * luma[i]! - luma[i - 1]! - luma[i + 1]! - luma[i - width]! - luma[i + width]!;
      count++;
      sum += value;
      squares += value * value;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

const BLOCK = 16;
/** Deviation of luma in a block with detail. */
const DETAIL = 8;

function detailedShare(luma: Uint8Array, width: number, area: Area): number {
  let [blocks, detailed] = [0, 0];
  for (let top = area.top; top < area.bottom; top += BLOCK) {
    for (let left = area.left; left < area.right; left += BLOCK) {
      const block = {
        left,
        top,
        right: Math.min(left + BLOCK, area.right),
        bottom: Math.min(top + BLOCK, area.bottom),
      };
      blocks++;
      if (tones(luma, width, block).deviation > DETAIL) detailed++;
    }
  }
  return blocks === 0 ? 0 : detailed / blocks;
}

/** Chroma of skin, in 8-bit limited-range Cb and Cr, and the luma that such pixels have. */
const SKIN = { cb: [77, 127], cr: [133, 173], luma: [50, 230] } as const;

const within = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most;

function colours(
  rgb: Uint8Array,
  luma: Uint8Array,
  width: number,
  area: Area,
): Pick<Measures, 'colourful' | 'skin'> {
  let [count, skin, sumA, sumB, squaresA, squaresB] = [0, 0, 0, 0, 0, 0];
  for (let y = area.top; y < area.bottom; y++) {
    for (let i = y * width + area.left; i < y * width + area.right; i++) {
      const [r, g, b] = [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!];
      const a = r - g;
      const yellow = (r + g) / 2 - b;
      count++;
      sumA += a;
      sumB += yellow;
      squaresA += a * a;
      squaresB += yellow * yellow;
      const cb = 128 - 0.1006 * r - 0.3386 * g + 0.4392 * b;
      const cr = 128 + 0.4392 * r - 0.3989 * g - 0.0403 * b;
      if (within(luma[i]!, SKIN.luma) && within(cb, SKIN.cb) && within(cr, SKIN.cr)) skin++;
    }
  }
  if (count === 0) return { colourful: 0, skin: 0 };
  const [meanA, meanB] = [sumA / count, sumB / count];
  const spread = squaresA / count - meanA * meanA + squaresB / count - meanB * meanB;
  const colourful = Math.sqrt(Math.max(0, spread)) + 0.3 * Math.sqrt(meanA * meanA + meanB * meanB);
  return { colourful, skin: skin / count };
}

/** Measures a frame. */
export function measure(rgb: Uint8Array, width: number, height: number): Measures {
  const luma = lumaOf(rgb);
  const area = activeArea(luma, width, height);
  return {
    area: ((area.right - area.left) * (area.bottom - area.top)) / (width * height),
    ...tones(luma, width, area),
    laplacian: laplacianVariance(luma, width, area),
    detailed: detailedShare(luma, width, area),
    ...colours(rgb, luma, width, area),
  };
}
