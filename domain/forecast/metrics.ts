/** How good forecasts were: sums over any number of them. Pairs with a number missing are passed over. */

/** Mean pinball loss of one forecast quantile (Koenker and Bassett 1978): its least is at the true quantile. */
export const pinball = (actual: number, forecast: number, level: number): number => (actual >= forecast ? level * (actual - forecast) : (1 - level) * (forecast - actual));

/** See the file's head. */
export class Errors {
  count = 0;
  private absolute = 0;
  private carried = 0;
  private ofPersistence = 0;
  private pinballs = 0;
  private within = 0;
  private intervals = 0;
  private width = 0;

  /**
   * @param now what persistence says: the value that was known last
   * @param lower 5 % quantile, @param upper 95 % quantile; not numbers where there is no interval
   */
  add(actual: number, forecast: number, now: number, lower = NaN, upper = NaN): void {
    if (!Number.isFinite(actual - forecast - now)) return;
    this.count++;
    this.absolute += Math.abs(actual - forecast);
    this.ofPersistence += Math.abs(actual - now);
    this.carried += Math.abs(actual);
    if (!Number.isFinite(upper - lower)) return;
    this.intervals++;
    this.width += upper - lower;
    this.pinballs += pinball(actual, lower, 0.05) + pinball(actual, upper, 0.95);
    if (actual >= lower && actual <= upper) this.within++;
  }

  /** Adds what another counted. */
  merge(other: Errors): void {
    for (const name of ['count', 'absolute', 'carried', 'ofPersistence', 'pinballs', 'within', 'intervals', 'width'] as const) this[name] += other[name];
  }

  /** Weighted absolute percentage error: absolute errors over what was carried. */
  get wape(): number {
    return this.absolute / this.carried;
  }

  /** Absolute errors over those of persistence: below 1 it was beaten. */
  get relative(): number {
    return this.absolute / this.ofPersistence;
  }

  /** Share of values within their 90 % interval, 0 to 1; not a number without intervals. */
  get coverage(): number {
    return this.within / this.intervals;
  }

  /** Mean pinball loss of both ends of the interval, over the mean of what was carried. */
  get intervalLoss(): number {
    return this.pinballs / this.intervals / (this.carried / this.count);
  }

  /** Mean width of the interval over the mean of what was carried. */
  get relativeWidth(): number {
    return this.width / this.intervals / (this.carried / this.count);
  }
}
