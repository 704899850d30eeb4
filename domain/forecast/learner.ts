/**
 * Weights that go on learning. It begins with weights fitted elsewhere and adds up what it sees; now and then it solves for weights of its own, held
 * by a ridge to those that it began with. Persistence, the first weights and its own are tried on every window before anything is learned from
 * it (prequential evaluation: Dawid, JRSS A 147, 1984), and what has erred least lately is what it tells. So it is never much worse than persistence.
 *
 * Each row weighs 1 / max(|residual|, δ), as one round of reweighting does ({@link fitLinear}): rounds follow one another in time.
 */
import { changeOf, LEAST_RESIDUAL, rowSize, type LinearDesign, type LinearWeights } from './linear';
import { NormalEquations } from './ridge';

/** What can be told from. */
export const CANDIDATES = ['shipped', 'learned', 'persistence'] as const;
const SHIPPED = 0, LEARNED = 1, PERSISTENCE = 2;
/** Cells of a horizon ahead of the weights and sums: rows seen, times solved, which of {@link CANDIDATES} is told from, then their errors, fading. */
const SEEN = 0, SOLVED = 1, SERVING = 2, ERRORS = 3, HEAD = ERRORS + CANDIDATES.length;
/** What sums and errors of one solution are worth at the next: half of it is forgotten in 23. */
const KEPT = 0.97;
const ERRORS_KEPT = 0.9;
/** Rows for each weight before the first solution. */
const ROWS_PER_WEIGHT = 20;
/** Weights must err less than persistence by this factor to be told from. */
const MARGIN = 0.995;

/** See the file's head. */
export class LinearLearner {
  private readonly parts: { readonly head: Float64Array; readonly own: Float64Array; readonly equations: NormalEquations }[];

  /** Cells that a design wants. */
  static cells(design: LinearDesign): number {
    const size = rowSize(design);
    return design.horizons.length * (HEAD + size + size + size * size);
  }

  /**
   * @param first the weights to begin with
   * @param ridge how hard its own are held to those, one a horizon
   * @param cells everything that it knows; zeros: nothing yet
   */
  constructor(
    private readonly design: LinearDesign,
    private readonly first: LinearWeights,
    private readonly ridge: readonly number[],
    cells: Float64Array<ArrayBuffer>,
  ) {
    const size = rowSize(design);
    const each = LinearLearner.cells(design) / design.horizons.length;
    this.parts = design.horizons.map((_, i) => {
      const part = (from: number, count: number) => cells.subarray(i * each + from, i * each + from + count);
      return { head: part(0, HEAD), own: part(HEAD, size), equations: new NormalEquations(size, part(HEAD + 2 * size, size * size), part(HEAD + size, size)) };
    });
  }

  /** Which of {@link CANDIDATES} is told from at a horizon, as its place; it changes with {@link solve} alone. */
  serving(horizon: number): number {
    return this.parts[horizon].head[SERVING];
  }

  /** The change that a row lets expect, relative to its level. @param horizon place of the horizon in the design */
  tell(horizon: number, row: Float64Array): number {
    return this.by(this.serving(horizon), horizon, row);
  }

  private by(candidate: number, horizon: number, row: Float64Array): number {
    return candidate === PERSISTENCE ? 0 : changeOf(candidate === SHIPPED ? this.first[horizon] : this.parts[horizon].own, row);
  }

  /** What came of a row: tries all candidates on it, then adds it up. @param change what came, relative to the row's level @param weight of the row */
  learn(horizon: number, row: Float64Array, change: number, weight: number): void {
    const { head, equations } = this.parts[horizon];
    const residual = change - this.tell(horizon, row);
    for (let candidate = 0; candidate < CANDIDATES.length; candidate++) {
      if (candidate !== LEARNED || head[SOLVED] > 0) head[ERRORS + candidate] += weight * Math.abs(change - this.by(candidate, horizon, row));
    }
    equations.add(row, 0, change, weight / Math.max(LEAST_RESIDUAL, Math.abs(residual)));
    head[SEEN]++;
  }

  /** Chooses what is told from, by the errors so far, and solves anew where enough was seen. */
  solve(): void {
    this.parts.forEach(({ head, own, equations }, i) => {
      head[SERVING] = chosen(head);
      if (head[SEEN] < ROWS_PER_WEIGHT * own.length) return;
      own.set(equations.solve(this.ridge[i], this.first[i]));
      equations.fade(KEPT);
      // The errors of its own weights count from the first that it had, and the others' with them.
      for (let candidate = 0; candidate < CANDIDATES.length; candidate++) head[ERRORS + candidate] *= head[SOLVED] === 0 ? 0 : ERRORS_KEPT;
      head[SOLVED]++;
    });
  }

  /** The weights that are told from, of every horizon one behind the other; zeros are persistence. */
  weights(): Float64Array {
    const size = rowSize(this.design);
    const all = new Float64Array(this.parts.length * size);
    this.parts.forEach(({ own }, i) => {
      const serving = this.serving(i);
      if (serving !== PERSISTENCE) all.set(serving === SHIPPED ? this.first[i] : own, i * size);
    });
    return all;
  }
}

/** The candidate that erred least; what is no better than persistence by the margin gives way to it. */
function chosen(head: Float64Array): number {
  if (head[ERRORS + PERSISTENCE] === 0) return head[SERVING];
  const best = head[SOLVED] > 0 && head[ERRORS + LEARNED] < head[ERRORS + SHIPPED] ? LEARNED : SHIPPED;
  return head[ERRORS + best] < MARGIN * head[ERRORS + PERSISTENCE] ? best : PERSISTENCE;
}
