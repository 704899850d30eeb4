/**
 * Weighted ridge regression by the normal equations: (X'WX + λD) w = X'Wy, solved by Cholesky's decomposition. Sums are kept, not
 * rows, so any number of rows fits. Least absolute deviations come from it by weights: iteratively reweighted least squares
 * (Schlossmacher 1973), each row weighted by 1 / max(|residual|, δ).
 *
 * Sources: Hoerl and Kennard, "Ridge Regression", Technometrics 12 (1970); Golub and Van Loan, Matrix Computations, 4.2.
 */

/** Sums of weighted rows: lower triangle of X'WX, row after row of `size` cells, and X'Wy. */
export class NormalEquations {
  /**
   * @param size numbers in a row
   * @param matrix size × size cells, @param vector size cells: where the sums lie
   */
  constructor(
    readonly size: number,
    readonly matrix = new Float64Array(size * size),
    readonly vector = new Float64Array(size),
  ) {}

  /** Adds the row that begins at `at` in `rows`, with what is to be told from it. */
  add(rows: Float64Array, at: number, target: number, weight: number): void {
    const { size, matrix, vector } = this;
    for (let i = 0; i < size; i++) {
      const value = weight * rows[at + i];
      if (value === 0) continue;
      vector[i] += value * target;
      const line = i * size;
      for (let j = 0; j <= i; j++) matrix[line + j] += value * rows[at + j];
    }
  }

  /** What was added so far counts so much from now on: 0 forgets it. */
  fade(by: number): void {
    for (let i = 0; i < this.matrix.length; i++) this.matrix[i] *= by;
    for (let i = 0; i < this.size; i++) this.vector[i] *= by;
  }

  /**
   * The weights of the numbers of a row. `ridge` is relative: each weight is held by `ridge` times the sum of squares of its number, so that its unit
   * does not matter; what is zero in all rows keeps what it is held to. @param towards what they are held to; default: zeros
   */
  solve(ridge: number, towards?: Float64Array): Float64Array {
    const { size, matrix, vector } = this;
    const factor = Float64Array.from(matrix);
    const rest = Float64Array.from(vector);
    for (let i = 0; i < size; i++) {
      const square = matrix[i * size + i];
      factor[i * size + i] = square > 0 ? square * (1 + ridge) : 1;
      if (towards !== undefined) for (let j = 0; j < size; j++) rest[i] -= (j <= i ? matrix[i * size + j] : matrix[j * size + i]) * towards[j];
    }
    cholesky(factor, size);
    const solution = substitute(factor, size, rest);
    if (towards !== undefined) for (let i = 0; i < size; i++) solution[i] += towards[i];
    return solution;
  }
}

/** How much of a diagonal cell must be left by the rows before it; less is rounding, and the cell is taken to depend on them. */
const LEAST_PIVOT = 1e-12;

/** Decomposes in place the lower triangle of a symmetric positive definite matrix into L of L L'. Of rows that depend on others L is that of the identity. */
export function cholesky(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    const whole = matrix[row + i];
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j];
      for (let k = 0; k < j; k++) sum -= matrix[row + k] * matrix[other + k];
      if (j < i) matrix[row + j] = sum / matrix[other + j];
      else if (sum > LEAST_PIVOT * whole) matrix[row + i] = Math.sqrt(sum);
      else {
        matrix.fill(0, row, row + i);
        matrix[row + i] = Infinity;
      }
    }
  }
}

/** Solves L L' x = b for what {@link cholesky} made; where a row depends on others, x is 0. */
export function substitute(factor: Float64Array, size: number, vector: Float64Array): Float64Array {
  const x = Float64Array.from(vector);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= factor[i * size + k] * x[k];
    x[i] /= factor[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= factor[k * size + i] * x[k];
    x[i] /= factor[i * size + i];
  }
  return x;
}
