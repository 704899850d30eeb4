/**
 * Writes a copy, checkpoint after checkpoint, for ever, and says each that was written:
 * `node -r tests/typescript.cjs child.ts <folder>`.
 */
import { writeSync } from 'node:fs';
import { SnapshotStore } from '../store';
import { changesOf, RUN } from './course';

async function main(): Promise<void> {
  const store = SnapshotStore.open(process.argv[2], {
    reserveBytes: 0,
    sliceBytes: 65_536,
    onDamage(what) {
      throw new Error(what);
    },
  });
  const copy = await store.take('log/0');
  for (let checkpoint = (copy.mark?.checkpoint ?? 0) + 1; ; checkpoint++) {
    // What the one before it had begun is in the changelog and comes first, as it does after a restart.
    const written = await store.save(copy, changesOf(checkpoint), { offset: 10 * checkpoint, run: RUN, checkpoint });
    if (!written) throw new Error('the copy was taken over');
    writeSync(1, `${checkpoint}\n`);
  }
}

void main();
