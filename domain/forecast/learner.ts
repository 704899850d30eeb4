/**
 * Weights that go on learning. It begins with weights fitted elsewhere and adds up what it sees; now and then it solves for weights of its own, held
 * by a ridge to those that it began with. What is told is mixed, for each series, from candidates by how they did there: see `mixture.ts`.
 *
 * Each row weighs 1 / max(|residual|, δ), as one round of reweighting does ({@link fitLinear}): rounds follow one another in time.
 */
import { changeOf, LEAST_RESIDUAL, rowSize, type LinearDesign, type LinearWeights } from './linear';
import { NormalEquations } from './ridge';

/** What is mixed: no change, the change by the weights that it began with, by its own, and twice that. Of a series that is calmer or more restless than others a share of it, or more than it, is right. */
export const CANDIDATES = ['persistence', 'shipped', 'learned', 'bold'] as const;
/** Shares of a series of which nothing is known: together they tell what the weights tell. */
export const FIRST_SHARES = Float64Array.of(0.2, 0.3, 0.3, 0.2);
/** Cells of a horizon ahead of the weights and sums: rows seen, times solved. */
const SEEN = 0, SOLVED = 1, HEAD = 2;
/** What sums of one solution are worth at the next: half of it is forgotten in 23. */
const KEPT = 0.97;
/** Rows for each weight before the first solution. */
const ROWS_PER_WEIGHT = 20;

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

  /** The changes that each of {@link CANDIDATES} lets expect of a row, relative to its level, into `changes`. @param horizon place of the horizon in the design */
  tell(horizon: number, row: Float64Array, changes: Float64Array): void {
    const shipped = changeOf(this.first[horizon], row);
    const learned = this.parts[horizon].head[SOLVED] > 0 ? changeOf(this.parts[horizon].own, row) : shipped;
    changes[0] = 0;
    changes[1] = shipped;
    changes[2] = learned;
    changes[3] = 2 * learned;
  }

  /** What came of a row. @param change what came, relative to the row's level @param learned what its own weights told of it @param weight of the row */
  learn(horizon: number, row: Float64Array, change: number, learned: number, weight: number): void {
    const { head, equations } = this.parts[horizon];
    equations.add(row, 0, change, weight / Math.max(LEAST_RESIDUAL, Math.abs(change - learned)));
    head[SEEN]++;
  }

  /** Solves anew where enough was seen. */
  solve(): void {
    this.parts.forEach(({ head, own, equations }, i) => {
      if (head[SEEN] < ROWS_PER_WEIGHT * own.length) return;
      own.set(equations.solve(this.ridge[i], this.first[i]));
      equations.fade(KEPT);
      head[SOLVED]++;
    });
  }

  /** Its own weights, of every horizon one behind the other. */
  weights(): Float64Array {
    const size = rowSize(this.design);
    const all = new Float64Array(this.parts.length * size);
    this.parts.forEach(({ head, own }, i) => all.set(head[SOLVED] > 0 ? own : this.first[i], i * size));
    return all;
  }
}
