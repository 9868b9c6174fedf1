/**
 * A monotone piecewise cubic through given points. Everything is defined on [min, max] only: outside it the methods
 * throw RangeError, for nothing there was measured.
 */
export interface Interpolant {
  /** Ends of the domain: the first and the last x. */
  readonly min: number;
  readonly max: number;
  /** Value at x. */
  at(x: number): number;
  /** First derivative at x; continuous. */
  derivativeAt(x: number): number;
  /** Exact integral from a to b (negative for b < a): each piece is a cubic, integrated in closed form. */
  integral(a: number, b: number): number;
  /**
   * The x at which the value is y, to double precision; the smallest where the curve is flat. Throws RangeError where
   * the data are not monotone or y is outside their range.
   */
  inverse(y: number): number;
}

interface Piece {
  x0: number;
  /** Width, > 0. */
  h: number;
  /** Coefficients of c0 + c1·t + c2·t² + c3·t³ with t = x − x0. */
  c: readonly [number, number, number, number];
}

function checkPoints(x: readonly number[], y: readonly number[]): void {
  if (x.length !== y.length) throw new RangeError(`${x.length} x values but ${y.length} y values`);
  if (x.length < 2) throw new RangeError(`interpolation needs at least 2 points, got ${x.length}`);
  if (![...x, ...y].every(Number.isFinite)) throw new RangeError('interpolation needs finite numbers');
  x.forEach((value, i) => {
    if (i > 0 && value <= x[i - 1]!) throw new RangeError(`x must increase: ${value} follows ${x[i - 1]!}`);
  });
}

/**
 * Slope at an end point from the two nearest intervals: the three-point formula, limited so that the curve keeps the
 * sign and does not overshoot (Moler, Numerical Computing with MATLAB, section 3.6; the same as in JCTVC-L1100's sheet).
 */
function endSlope(h0: number, h1: number, delta0: number, delta1: number): number {
  const slope = ((2 * h0 + h1) * delta0 - h0 * delta1) / (h0 + h1);
  if (Math.sign(slope) !== Math.sign(delta0)) return 0;
  if (Math.sign(delta0) !== Math.sign(delta1) && Math.abs(slope) > 3 * Math.abs(delta0)) return 3 * delta0;
  return slope;
}

/** Slope at an inner point: the weighted harmonic mean of both secants, 0 at an extremum (Fritsch–Butland 1984). */
function innerSlope(h0: number, h1: number, delta0: number, delta1: number): number {
  if (delta0 === 0 || delta1 === 0 || Math.sign(delta0) !== Math.sign(delta1)) return 0;
  const w0 = 2 * h1 + h0;
  const w1 = h1 + 2 * h0;
  return (w0 + w1) / (w0 / delta0 + w1 / delta1);
}

function pointSlopes(h: readonly number[], delta: readonly number[]): number[] {
  if (h.length === 1) return [delta[0]!, delta[0]!];
  const n = h.length;
  const slopes = [endSlope(h[0]!, h[1]!, delta[0]!, delta[1]!)];
  for (let i = 1; i < n; i++) slopes.push(innerSlope(h[i - 1]!, h[i]!, delta[i - 1]!, delta[i]!));
  slopes.push(endSlope(h[n - 1]!, h[n - 2]!, delta[n - 1]!, delta[n - 2]!));
  return slopes;
}

function buildPieces(x: readonly number[], y: readonly number[]): Piece[] {
  const h = x.slice(1).map((right, i) => right - x[i]!);
  const delta = h.map((width, i) => (y[i + 1]! - y[i]!) / width);
  const d = pointSlopes(h, delta);
  return h.map((width, i) => {
    const c2 = (3 * delta[i]! - 2 * d[i]! - d[i + 1]!) / width;
    const c3 = (d[i]! + d[i + 1]! - 2 * delta[i]!) / (width * width);
    return { x0: x[i]!, h: width, c: [y[i]!, d[i]!, c2, c3] };
  });
}

/** Integral of a piece from its left end over a length t. */
function primitive(piece: Piece, t: number): number {
  const [c0, c1, c2, c3] = piece.c;
  return t * (c0 + t * (c1 / 2 + t * (c2 / 3 + (t * c3) / 4)));
}

/** Bisects to the last bit: the smallest representable x in [low, high] with reached(x), given reached(high). */
function bisect(low: number, high: number, reached: (x: number) => boolean): number {
  if (reached(low)) return low;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (reached(middle)) high = middle;
    else low = middle;
  }
}

/**
 * Monotone piecewise cubic Hermite interpolation (PCHIP; Fritsch & Carlson 1980, Fritsch & Butland 1984): passes
 * through every point, and between two points stays between their values. It is what the common test conditions of
 * HEVC and VVC compute BD-rate with (JCTVC-L1100, JVET-T2010). Two points give a straight line.
 *
 * `x` strictly increasing, at least 2 finite points; throws RangeError otherwise.
 */
export function pchip(x: readonly number[], y: readonly number[]): Interpolant {
  checkPoints(x, y);
  const pieces = buildPieces(x, y);
  const min = x[0]!;
  const max = x[x.length - 1]!;

  const pieceAt = (value: number): number => {
    if (!(value >= min && value <= max)) throw new RangeError(`${value} is outside [${min}, ${max}]`);
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (pieces[middle]!.x0 <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const at = (value: number): number => {
    if (value === max) return y[y.length - 1]!; // the last piece's polynomial may miss it by a rounding error
    const i = pieceAt(value);
    const { x0, c } = pieces[i]!;
    const t = value - x0;
    const result = c[0] + t * (c[1] + t * (c[2] + t * c[3]));
    // In exact arithmetic it lies between the two points; rounding must not carry it past them.
    return Math.min(Math.max(result, Math.min(y[i]!, y[i + 1]!)), Math.max(y[i]!, y[i + 1]!));
  };

  const derivativeAt = (value: number): number => {
    const { x0, c } = pieces[pieceAt(value)]!;
    const t = value - x0;
    return c[1] + t * (2 * c[2] + t * 3 * c[3]);
  };

  const integral = (a: number, b: number): number => {
    if (b < a) return -integral(b, a);
    const first = pieceAt(a);
    const last = pieceAt(b);
    let sum =
      primitive(pieces[last]!, b - pieces[last]!.x0) - primitive(pieces[first]!, a - pieces[first]!.x0);
    for (let i = first; i < last; i++) sum += primitive(pieces[i]!, pieces[i]!.h);
    return sum;
  };

  const inverse = (value: number): number => {
    const direction = Math.sign(y[y.length - 1]! - y[0]!);
    const signed = y.map((v) => v * (direction || 1));
    if (signed.some((v, i) => i > 0 && v < signed[i - 1]!))
      throw new RangeError('only monotone data have an inverse');
    const wanted = value * (direction || 1);
    if (!(wanted >= signed[0]! && wanted <= signed[signed.length - 1]!)) {
      throw new RangeError(`${value} is outside [${y[0]!}, ${y[y.length - 1]!}]`);
    }
    // The interval by the data, then within it by the curve: rounding cannot lead to a neighbouring interval.
    const right = signed.findIndex((v) => v >= wanted);
    if (signed[right] === wanted || right === 0) return x[right]!;
    return bisect(x[right - 1]!, x[right]!, (candidate) => at(candidate) * (direction || 1) >= wanted);
  };

  return { min, max, at, derivativeAt, integral, inverse };
}
