import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { seeded } from '../../../domain/simulate/random';
import { SnapshotStore, type Copy } from './store';
import { changesOf, KEYS, RUN, stateAt } from './testing/course';

jest.setTimeout(120_000);
let folder: string;
const stores: SnapshotStore[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'netweaver-snapshots-'))));
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const damages: string[] = [];
const open = (reserveBytes = 0): SnapshotStore => {
  damages.length = 0;
  const store = SnapshotStore.open(join(folder, 'snapshots'), { reserveBytes, onDamage: (what) => damages.push(what) });
  stores.push(store);
  return store;
};
const closed = async (store: SnapshotStore): Promise<void> => {
  stores.splice(stores.indexOf(store), 1);
  await store.close();
};
const content = async (store: SnapshotStore, copy: Copy): Promise<Record<string, string>> => {
  const records: Record<string, string> = {};
  for await (const { key, value } of store.read(copy)) records[key] = value.toString();
  return records;
};
const records = (of: Record<string, string | null>): Map<string, Buffer | null> => new Map(Object.entries(of).map(([key, value]) => [key, value === null ? null : Buffer.from(value)]));
const mark = (checkpoint: number): { offset: number; run: string; checkpoint: number } => ({ offset: 10 * checkpoint, run: RUN, checkpoint });

describe('copies of changelogs', () => {
  test('hold what was saved last of each key, and how far they go, over restarts', async () => {
    const store = open();
    const copy = await store.take('log/1');
    expect(copy.mark).toBeNull();
    expect(await store.save(copy, records({ 'a/0': 'x', 'a/1': 'y', 'b/0': 'z' }), mark(1))).toBe(true);
    expect(await store.save(copy, records({ 'a/1': null, 'b/0': 'w', 'b/2': '' }), mark(2))).toBe(true);
    const other = await store.take('log/10');
    await store.save(other, records({ 'a/0': 'other' }), mark(3));
    await closed(store);

    const again = open();
    const taken = await again.take('log/1');
    expect(taken.mark).toEqual({ ...mark(2), newest: { run: RUN, checkpoint: 2 } });
    expect(await content(again, taken)).toEqual({ 'a/0': 'x', 'b/0': 'w', 'b/2': '' });
    await again.clear(taken);
    expect(await content(again, taken)).toEqual({});
    expect((await again.take('log/1')).mark).toBeNull();
    expect(await content(again, await again.take('log/10'))).toEqual({ 'a/0': 'other' });
  });

  test('are written by the one who took them last alone', async () => {
    const older = open();
    const younger = open();
    const before = await older.take('log/0');
    await older.save(before, records({ 'a/0': '1' }), mark(1));
    const after = await younger.take('log/0');
    expect(after.mark).toMatchObject(mark(1));
    expect(await older.save(before, records({ 'a/0': 'late' }), mark(2))).toBe(false);
    expect(await older.clear(before)).toBe(false);
    expect(await younger.save(after, records({ 'a/1': '2' }), mark(2))).toBe(true);
    expect(await content(younger, await younger.take('log/0'))).toEqual({ 'a/0': '1', 'a/1': '2' });
  });

  test('are given up when nobody wrote them for a week', async () => {
    const store = open();
    await store.save(await store.take('log/0'), records({ 'a/0': '1' }), mark(1));
    await store.sweep(Date.now() + 6 * 86_400_000);
    expect((await store.take('log/0')).mark).not.toBeNull();
    await store.sweep(Date.now() + 8 * 86_400_000);
    expect((await store.take('log/0')).mark).toBeNull();
  });

  test('are not written where the disk has less left than is to be kept', async () => {
    const store = open(2 ** 60);
    const copy = await store.take('log/0');
    await expect(store.save(copy, records({ 'a/0': '1' }), mark(1))).rejects.toMatchObject({ code: 'NW_SNAPSHOT_UNWRITABLE' });
  });

  test('cannot be opened where there is a file in the place of the folder', () => {
    writeFileSync(join(folder, 'snapshots'), 'x');
    expect(() => open()).toThrow(expect.objectContaining({ code: 'NW_SNAPSHOT_UNWRITABLE' }));
  });

  test.each([
    ['cut off in the middle', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['cut off at its beginning', (file: string) => truncateSync(file, 5000)],
    ['that is another', (file: string) => writeFileSync(file, Buffer.alloc(100_000, 7))],
  ])('in a file %s are thrown away, and begun anew', async (_, damage) => {
    const store = open();
    await store.save(await store.take('log/0'), changesOf(1), mark(1));
    await closed(store);
    damage(join(folder, 'snapshots/data.mdb'));
    const again = open();
    expect(damages).toHaveLength(1);
    const copy = await again.take('log/0');
    expect(copy.mark).toBeNull();
    expect(await again.save(copy, changesOf(1), mark(1))).toBe(true);
  });

  test('of which a byte was changed are found to be damaged', async () => {
    const store = open();
    await store.save(await store.take('log/0'), new Map([['a/0', Buffer.alloc(20_000, 'intact')]]), mark(1));
    await closed(store);
    const file = join(folder, 'snapshots/data.mdb');
    const bytes = readFileSync(file);
    bytes[bytes.lastIndexOf('intactintact')] ^= 1;
    writeFileSync(file, bytes);
    const again = open();
    expect(damages).toEqual([]);
    const copy = await again.take('log/0');
    await expect(content(again, copy)).rejects.toThrow('the record log/0/a/0 is damaged');
  });
});

describe('a process that is killed while it writes copies', () => {
  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  test('leaves them so that the changelog, read on from their mark, gives the state of its end', async () => {
    mkdirSync(join(folder, 'snapshots'));
    const next = seeded(11);
    let least = 0;
    let between = 0;
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, ['-r', join(__dirname, '../../../tests/typescript.cjs'), join(__dirname, 'testing/child.ts'), join(folder, 'snapshots')], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      const delay = 1 + Math.floor(next() * 3);
      let said = 0;
      let acknowledged = least;
      for await (const line of createInterface({ input: child.stdout! })) {
        acknowledged = Number(line);
        // In the middle of the next writing, at any point of it.
        if (++said === delay) setTimeout(() => child.kill('SIGKILL'), next() * 60);
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');

      const store = open();
      expect(damages).toEqual([]);
      const copy = await store.take('log/0');
      expect(copy.mark!.checkpoint).toBeGreaterThanOrEqual(acknowledged);
      const copied = new Map(Object.entries(await content(store, copy)));
      // The end of the changelog: as far as anything in the copy may be from.
      const end = copy.mark!.newest.checkpoint;
      for (let checkpoint = copy.mark!.checkpoint + 1; checkpoint <= end; checkpoint++) {
        for (const [key, value] of changesOf(checkpoint)) {
          if (value === null) copied.delete(key);
          else copied.set(key, value.toString());
        }
      }
      expect(end - copy.mark!.checkpoint).toBeLessThanOrEqual(1);
      const state = stateAt(end);
      expect(copied.size).toBe(state.size);
      for (let key = 0; key < KEYS; key++) expect(copied.get(`s/${key}`) === state.get(`s/${key}`)?.toString()).toBe(true);
      least = copy.mark!.checkpoint;
      if (end > least) between++;
      await closed(store);
    }
    expect(between).toBeGreaterThan(0);
  });
});
