import { Decimal } from '../../domain/decimal.ts';
import { total } from './samples.ts';

export interface Fit {
  coefficients: Decimal[];
  /** Inverse of the weighted normal matrix: times the residual variance it is the covariance of the coefficients. */
  inverse: Decimal[][];
  /** Observed less fitted, in the order of the rows. */
  residuals: Decimal[];
  /** Weighted sum of squares over (sum of weights less number of coefficients). */
  variance: Decimal;
}

/** Weighted linear least squares by the normal equations, in exact-decimal arithmetic. Null where the rows do not decide the coefficients. */
export function leastSquares(
  rows: readonly (readonly Decimal[])[],
  observed: readonly Decimal[],
  weights: readonly Decimal[],
): Fit | null {
  const size = rows[0]?.length ?? 0;
  const freedom = total(weights).minus(size);
  if (size === 0 || freedom.lte(0)) return null;
  const weighted = rows.map((row, at) => row.map((value) => value.times(weights[at]!)));
  const half = Array.from({ length: size }, (_, i) =>
    Array.from({ length: i + 1 }, (_unused, j) =>
      total(rows.map((row, at) => weighted[at]![i]!.times(row[j]!))),
    ),
  );
  const normal = half.map((row, i) => half.map((_, j) => (j <= i ? row[j]! : half[j]![i]!)));
  const right = Array.from({ length: size }, (_, i) =>
    total(observed.map((value, at) => weighted[at]![i]!.times(value))),
  );
  const inverse = inverted(normal);
  if (inverse === null) return null;
  const coefficients = inverse.map((row) => dot(row, right));
  const residuals = observed.map((value, at) => value.minus(dot(rows[at]!, coefficients)));
  const squares = total(residuals.map((value, at) => value.pow(2).times(weights[at]!)));
  return { coefficients, inverse, residuals, variance: squares.div(freedom) };
}

export function dot(a: readonly Decimal[], b: readonly Decimal[]): Decimal {
  return total(a.map((value, at) => value.times(b[at]!)));
}

/** Gauss-Jordan with the largest pivot; null for a singular matrix. */
function inverted(matrix: readonly (readonly Decimal[])[]): Decimal[][] | null {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_unused, j) => new Decimal(i === j ? 1 : 0))]);
  const scale = matrix.flat().reduce((most, value) => Decimal.max(most, value.abs()), new Decimal(0));
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (work[row]![column]!.abs().gt(work[pivot]![column]!.abs())) pivot = row;
    const top = work[pivot]!;
    if (top[column]!.abs().lte(scale.times('1e-25'))) return null;
    [work[pivot], work[column]] = [work[column]!, top];
    const divisor = top[column]!;
    const lead = top.map((value) => value.div(divisor));
    work[column] = lead;
    for (let row = 0; row < size; row++) {
      const factor = work[row]![column]!;
      if (row === column || factor.isZero()) continue;
      work[row] = work[row]!.map((value, at) => value.minus(factor.times(lead[at]!)));
    }
  }
  return work.map((row) => row.slice(size));
}
