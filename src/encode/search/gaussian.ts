import type { Estimate } from './hypotheses.js';

/** Where a curve was measured or is asked for: x264 crf over 10, and ln(height / reference height). */
export interface Place {
  crf: number;
  scale: number;
}

/** Covariance of what is known of two places, before anything is measured. */
export type Kernel = (a: Place, b: Place) => number;

/** Covariances of one place with the measured ones, and of itself. */
export interface Covariances {
  others: readonly number[];
  own: number;
}

/** Measured places under one kernel; several processes over the same places share it. */
export class MeasuredPlaces {
  readonly covariances: readonly (readonly number[])[];

  constructor(
    private readonly kernel: Kernel,
    private readonly places: readonly Place[],
  ) {
    this.covariances = places.map((a) => places.map((b) => kernel(a, b)));
  }

  of(place: Place): Covariances {
    return { others: this.places.map((other) => this.kernel(place, other)), own: this.kernel(place, place) };
  }
}

/**
 * Gaussian process regression of values around 0 with noise of known variance (Rasmussen & Williams 2006, algorithm
 * 2.1). `logEvidence` says how well the kernel explains the values.
 */
export class GaussianProcess {
  private readonly lower: number[][];
  private readonly weights: number[];
  readonly logEvidence: number;

  constructor(
    readonly places: MeasuredPlaces,
    values: readonly number[],
    noise: readonly number[],
  ) {
    const { covariances } = places;
    this.lower = cholesky(covariances.map((row, i) => row.with(i, row[i]! + noise[i]!)));
    const whitened = forward(this.lower, values);
    this.weights = backward(this.lower, whitened);
    const misfit = whitened.reduce((sum, w) => sum + w * w, 0);
    const logDeterminant = this.lower.reduce((sum, row, i) => sum + 2 * Math.log(row[i]!), 0);
    this.logEvidence = -(misfit + logDeterminant + values.length * Math.log(2 * Math.PI)) / 2;
  }

  mean({ others }: Covariances): number {
    let sum = 0;
    for (let i = 0; i < others.length; i++) sum += others[i]! * this.weights[i]!;
    return sum;
  }

  estimate(at: Covariances): Estimate {
    const known = forward(this.lower, at.others).reduce((sum, k) => sum + k * k, 0);
    return { mean: this.mean(at), variance: Math.max(0, at.own - known) };
  }
}

/** The lower triangle L with L·Lᵀ = matrix, for a symmetric positive definite one. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const lower: number[][] = [];
  matrix.forEach((row, i) => {
    const mine: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j === i ? mine : lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= mine[k]! * other[k]!;
      mine.push(i === j ? Math.sqrt(sum) : sum / other[j]!);
    }
    lower.push(mine);
  });
  return lower;
}

/** Solves L·x = values. */
function forward(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x: number[] = [];
  lower.forEach((row, i) => {
    let sum = values[i]!;
    for (let k = 0; k < i; k++) sum -= row[k]! * x[k]!;
    x.push(sum / row[i]!);
  });
  return x;
}

/** Solves Lᵀ·x = values. */
function backward(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = [...values];
  for (let i = values.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < values.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
