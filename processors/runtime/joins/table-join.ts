import type { Context, JoinedCauses, RecordSteps } from '../processor';
import type { JoinTable } from './join-table';

/** For which keys there is a result: those that both have, those that the left has, those that either has. */
export type JoinKind = 'inner' | 'left' | 'outer';

/** What both sides say of a key; null where a side says nothing. Valid until the call returns. */
export interface Joined {
  readonly left: Buffer | null;
  readonly right: Buffer | null;
}

/**
 * A join of two tables by key. Whenever a side changes, `emit` gets the key and what both sides say of it now; null where there was a result
 * and is none any more. `joined` is the place of the record of the other side, for {@link EmitOptions.joined}.
 */
export function joinTables(
  kind: JoinKind,
  left: JoinTable,
  right: JoinTable,
  emit: (key: Buffer, result: Joined | null, context: Context, joined: readonly JoinedCauses[]) => void,
): { readonly left: RecordSteps; readonly right: RecordSteps } {
  const exists = (one: unknown, other: unknown): boolean => (kind === 'inner' ? one !== null && other !== null : kind === 'left' ? one !== null : one !== null || other !== null);
  const sideOf = (own: JoinTable, other: JoinTable): RecordSteps => {
    let existed = false;
    return own.steps(
      (key) => void (existed = exists(left.get(key), right.get(key))),
      (key, context) => {
        const result = { left: left.get(key), right: right.get(key) };
        const joined = other.get(key) === null ? [] : other.causes();
        if (exists(result.left, result.right)) emit(key, result, context, joined);
        else if (existed) emit(key, null, context, joined);
      },
    );
  };
  return { left: sideOf(left, right), right: sideOf(right, left) };
}
