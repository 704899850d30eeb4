/** A course of checkpoints that tests write and know: large enough for several transactions of the store. */

/** The run that writes them. */
export const RUN = 'test';
/** Keys `s/0` to `s/<KEYS - 1>`. */
export const KEYS = 900;

/** What a checkpoint changes: most keys, some of them gone. The same for the same checkpoint. */
export function changesOf(checkpoint: number): Map<string, Buffer | null> {
  const changes = new Map<string, Buffer | null>();
  for (let key = 0; key < KEYS; key++) {
    const draw = (key * 7 + checkpoint * 13) % 10;
    if (draw < 3) continue;
    changes.set(`s/${key}`, draw === 3 ? null : Buffer.alloc(2400 + key, `${checkpoint}.${key} `));
  }
  return changes;
}

/** What the checkpoints up to that one leave. */
export function stateAt(checkpoint: number): Map<string, Buffer> {
  const state = new Map<string, Buffer>();
  // A key that a checkpoint leaves alone was changed by one of the ten before it.
  for (let at = Math.max(1, checkpoint - 10); at <= checkpoint; at++) {
    for (const [key, value] of changesOf(at)) {
      if (value === null) state.delete(key);
      else state.set(key, value);
    }
  }
  return state;
}
