import { randomBytes } from 'node:crypto';

/** A checkpoint of a changelog: the `checkpoint`th of its partition, written by the run `run`. */
export interface Checkpoint {
  readonly run: string;
  readonly checkpoint: number;
}

/** What a changelog says of the runs that wrote it, oldest first: `from` is the checkpoint that a run began with, which the one before had written. */
export interface Runs {
  readonly runs: readonly { readonly id: string; readonly from: number }[];
  /** The last checkpoint. */
  readonly checkpoint: number;
}

/** Runs that a changelog names; a copy that is older than all of them is of no use. */
const KEPT = 16;

/**
 * Which runs of a task wrote its changelog. A run begins each time that the task's state is restored and has a name of its own,
 * so that of two changelogs that were once the same (one of them put back from a backup, say), or have nothing but their
 * name in common, each knows its own checkpoints.
 */
export class RunHistory {
  private constructor(private written: Runs) {}

  /** A new run, after those that a changelog names. */
  static after(before: Runs | undefined): RunHistory {
    const { runs, checkpoint } = before ?? { runs: [], checkpoint: 0 };
    // Of a run that wrote no checkpoint nothing is left.
    const wrote = runs.length > 0 && runs[runs.length - 1].from === checkpoint ? runs.slice(0, -1) : runs;
    return new RunHistory({ runs: [...wrote, { id: randomBytes(6).toString('hex'), from: checkpoint }].slice(-KEPT), checkpoint });
  }

  /** What the changelog is to say. */
  get runs(): Runs {
    return this.written;
  }

  /** This run writes a checkpoint. */
  checkpointed(): void {
    this.written = { runs: this.written.runs, checkpoint: this.written.checkpoint + 1 };
  }
}

/** The last checkpoint. */
export const lastOf = ({ runs, checkpoint }: Runs): Checkpoint => ({ run: runs[runs.length - 1].id, checkpoint });

/** True where a checkpoint is one of those that led to these runs, or the last of them. */
export function hasCheckpoint({ runs, checkpoint: last }: Runs, { run, checkpoint }: Checkpoint): boolean {
  const at = runs.findIndex(({ id }) => id === run);
  return at >= 0 && checkpoint > runs[at].from && checkpoint <= (runs[at + 1]?.from ?? last);
}
