/**
 * Forecasts of several experts, mixed by how they did: Bernstein online aggregation (Wintenberger, "Optimal learning with Bernstein online
 * aggregation", Machine Learning 106, 2017), with the gradient of the absolute error, so that the mixture does about as well as the best convex mixture of the
 * experts that could have been known at the end. Each expert has a learning rate of its own, from the squares and the largest of its regrets; nothing is to be set.
 * A forecast is judged when its value comes: by the shares of then, so that experts far ahead are only learned of later (Weinberger and Ordentlich 2002).
 *
 * Cells: of each expert its regret, the sum of squares and the largest of regrets. Zeros: nothing known yet.
 */
export class Mixture {
  /** Shares of the experts as {@link open} found them. */
  readonly shares: Float64Array;
  private readonly rates: Float64Array;

  /** Cells of so many experts. */
  static cells(experts: number): number {
    return 3 * experts;
  }

  /** @param first shares of which nothing is known yet; they add up to 1 */
  constructor(private readonly first: Float64Array) {
    this.shares = new Float64Array(first.length);
    this.rates = new Float64Array(first.length);
  }

  /** Shares by the cells that begin at `at`. */
  open(cells: Float32Array, at: number): void {
    const { first, shares, rates } = this;
    const count = first.length;
    let most = -Infinity;
    for (let k = 0; k < count; k++) {
      rates[k] = this.rate(cells[at + count + k], cells[at + 2 * count + k]);
      shares[k] = Math.log(first[k] * rates[k]) + rates[k] * cells[at + k];
      most = Math.max(most, shares[k]);
    }
    let sum = 0;
    for (let k = 0; k < count; k++) sum += shares[k] = Math.exp(shares[k] - most);
    for (let k = 0; k < count; k++) shares[k] /= sum;
  }

  /** What is told, from what the experts tell, by the shares that were opened. */
  tell(told: Float64Array): number {
    let sum = 0;
    for (let k = 0; k < told.length; k++) sum += this.shares[k] * told[k];
    return sum;
  }

  /**
   * What came where the experts told `told`: into the cells that were opened. @param overlap windows that the forecast reached over: errors of so many neighbours hang
   * together, so a regret that lasts is one of that length, and not so many that agree
   */
  learn(cells: Float32Array, at: number, told: Float64Array, actual: number, overlap: number): void {
    const count = told.length;
    const mixed = this.tell(told);
    const slope = Math.sign(mixed - actual);
    for (let k = 0; k < count; k++) {
      const regret = slope * (mixed - told[k]);
      cells[at + count + k] += overlap * regret * regret;
      cells[at + 2 * count + k] = Math.max(cells[at + 2 * count + k], overlap * Math.abs(regret));
      cells[at + k] += regret * (1 - this.rate(cells[at + count + k], cells[at + 2 * count + k]) * regret);
    }
  }

  /** @param squares sum of squares @param largest of an expert's regrets */
  private rate(squares: number, largest: number): number {
    return Math.min(1 / (2 * Math.max(largest, LEAST)), Math.sqrt(Math.log(this.first.length) / Math.max(squares, LEAST)));
  }
}

/** Regrets, relative to a series' level, below which nothing is known. */
const LEAST = 1e-9;
