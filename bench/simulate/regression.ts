/** A measured value with the group that it belongs to (0, 1, …), and what it depends on. */
export interface Sample {
  group: number;
  x: readonly number[];
  y: number;
}

/** y = level of the group + slopes · x, and by how much the samples differ from that, in their order. */
export interface Regression {
  levels: number[];
  slopes: number[];
  residuals: number[];
}

/** Least squares with one level a group. Throws RangeError where the samples do not determine it. */
export function regress(samples: readonly Sample[]): Regression {
  const groups = Math.max(...samples.map(({ group }) => group)) + 1;
  const rows = samples.map(({ group, x }) => [
    ...Array.from({ length: groups }, (_, g) => (g === group ? 1 : 0)),
    ...x,
  ]);
  const size = rows[0]!.length;
  const normal = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    rows.reduce((sum, row, r) => sum + row[i]! * samples[r]!.y, 0),
  ]);
  const solution = solve(normal);
  const residuals = rows.map(
    (row, r) => samples[r]!.y - row.reduce((sum, v, i) => sum + v * solution[i]!, 0),
  );
  return { levels: solution.slice(0, groups), slopes: solution.slice(groups), residuals };
}

/** Least pivot, against the largest number of its column, that counts as one. */
const SINGULAR = 1e-10;

/** Solves linear equations, each a row of coefficients and the right side (Gauss and Jordan, largest pivot first). */
function solve(equations: number[][]): number[] {
  const size = equations.length;
  const scale = Math.max(...equations.flatMap((row) => row.slice(0, size).map(Math.abs)));
  for (let column = 0; column < size; column++) {
    const rest = equations.slice(column);
    const pivot = rest.reduce((a, b) => (Math.abs(b[column]!) > Math.abs(a[column]!) ? b : a));
    if (Math.abs(pivot[column]!) < SINGULAR * scale)
      throw new RangeError('too few samples, or too much alike');
    const at = equations.indexOf(pivot);
    [equations[column], equations[at]] = [pivot, equations[column]!];
    for (const row of equations) {
      if (row === pivot) continue;
      const factor = row[column]! / pivot[column]!;
      for (let j = column; j <= size; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  return equations.map((row, i) => row[size]! / row[i]!);
}
