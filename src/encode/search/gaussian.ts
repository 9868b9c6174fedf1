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
  /** Of every place with those up to itself: the lower triangle of a symmetric matrix. */
  readonly covariances: readonly (readonly number[])[];

  constructor(
    private readonly kernel: Kernel,
    private readonly places: readonly Place[],
  ) {
    this.covariances = places.map((a, i) => places.slice(0, i + 1).map((b) => kernel(a, b)));
  }

  of(place: Place): Covariances {
    return { others: this.places.map((other) => this.kernel(place, other)), own: this.kernel(place, place) };
  }
}

/**
 * Gaussian process regression of values around 0 with noise of known variance (Rasmussen & Williams 2006, algorithm
 * 2.1). `logEvidence` says how well the kernel explains the values. A title's plan makes some hundred of them a shot,
 * most of which only that is asked of: hence plain loops, and weights that are computed when they are asked for.
 */
export class GaussianProcess {
  private readonly lower: number[][];
  private readonly whitened: number[];
  private weights: number[] | undefined;
  readonly logEvidence: number;

  constructor(
    readonly places: MeasuredPlaces,
    values: readonly number[],
    noise: readonly number[],
  ) {
    this.lower = cholesky(places.covariances, noise);
    this.whitened = forward(this.lower, values);
    let misfit = 0;
    let logDeterminant = 0;
    for (let i = 0; i < values.length; i++) {
      misfit += this.whitened[i]! * this.whitened[i]!;
      logDeterminant += 2 * Math.log(this.lower[i]![i]!);
    }
    this.logEvidence = -(misfit + logDeterminant + values.length * Math.log(2 * Math.PI)) / 2;
  }

  mean({ others }: Covariances): number {
    const weights = (this.weights ??= backward(this.lower, this.whitened));
    let sum = 0;
    for (let i = 0; i < others.length; i++) sum += others[i]! * weights[i]!;
    return sum;
  }

  estimate(at: Covariances): Estimate {
    let known = 0;
    for (const k of forward(this.lower, at.others)) known += k * k;
    return { mean: this.mean(at), variance: Math.max(0, at.own - known) };
  }
}

/**
 * The lower triangle L with L·Lᵀ = matrix + diagonal, for a symmetric positive definite one of which the lower triangle is
 * given.
 */
function cholesky(matrix: readonly (readonly number[])[], diagonal: readonly number[]): number[][] {
  const lower: number[][] = [];
  for (let i = 0; i < matrix.length; i++) {
    const row = [...matrix[i]!];
    lower.push(row);
    for (let j = 0; j < i; j++) {
      const other = lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      row[j] = sum / other[j]!;
    }
    let sum = row[i]! + diagonal[i]!;
    for (let k = 0; k < i; k++) sum -= row[k]! * row[k]!;
    row[i] = Math.sqrt(sum);
  }
  return lower;
}

/** Solves L·x = values. */
function forward(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = [...values];
  for (let i = 0; i < x.length; i++) {
    const row = lower[i]!;
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= row[k]! * x[k]!;
    x[i] = sum / row[i]!;
  }
  return x;
}

/** Solves Lᵀ·x = values. */
function backward(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = [...values];
  for (let i = values.length - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < values.length; k++) sum -= lower[k]![i]! * x[k]!;
    x[i] = sum / lower[i]![i]!;
  }
  return x;
}
