/** How a stored picture must be turned and mirrored to be upright. */
export interface Orientation {
  /** Clockwise turn that display applies, degrees; the nearest quarter turn. */
  rotation: 0 | 90 | 180 | 270;
  /** ffmpeg filters that do it; empty for an upright picture. */
  filters: string[];
  /** False where the matrix asks for an angle that is no quarter turn; it is then rounded. */
  exact: boolean;
  mirrored: boolean;
  /** True where width and height change places. */
  swaps: boolean;
}

export const UPRIGHT: Orientation = { rotation: 0, filters: [], exact: true, mirrored: false, swaps: false };

/** The nine numbers of ffprobe's display matrix dump; undefined where the text is none. */
export function parseDisplayMatrix(text: string | undefined): number[] | undefined {
  const numbers = (text ?? '')
    .split('\n')
    .filter((line) => line.includes(':'))
    .flatMap((line) => (line.split(':')[1] ?? '').trim().split(/\s+/).map(Number));
  return numbers.length === 9 && numbers.every(Number.isFinite) ? numbers : undefined;
}

const TRANSPOSE = { clock: 'transpose=clock', cclock: 'transpose=cclock' } as const;

/**
 * Reads a display matrix (ISO/IEC 14496-12, 6.2.2: x' = ax + cy, y' = bx + dy): one of the eight ways to turn and
 * mirror a rectangle.
 */
export function orientationOf(matrix: readonly number[] | undefined): Orientation {
  const [a = 0, b = 0, , c = 0, d = 0] = matrix ?? [65536, 0, 0, 0, 65536];
  if (a * d - b * c === 0) return UPRIGHT; // shows nothing at all: not a turn
  const angle = (Math.atan2(b, a) * 180) / Math.PI;
  const quarter = ((Math.round(angle / 90) % 4) + 4) % 4;
  const exact = Math.abs(angle - Math.round(angle / 90) * 90) < 0.5;
  const mirrored = a * d - b * c < 0;
  // Of a mirrored picture only a quarter turn counts as one: both straight mirrors are no turn.
  const rotation = ([0, 90, mirrored ? 0 : 180, 270] as const)[quarter] ?? 0;
  // A mirrored matrix is the turn of its x axis with the y axis reversed.
  const filters = mirrored
    ? [['vflip'], ['transpose=cclock_flip'], ['hflip'], ['transpose=clock_flip']][quarter]
    : [[], [TRANSPOSE.clock], ['hflip', 'vflip'], [TRANSPOSE.cclock]][quarter];
  return { rotation, filters: filters ?? [], exact, mirrored, swaps: rotation % 180 === 90 };
}
