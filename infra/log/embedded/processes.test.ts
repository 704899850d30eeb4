import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { Log } from '../log';
import { embeddedLog } from './testing/open';

const hook = join(__dirname, '../../../tests/typescript.cjs');
const childFile = join(__dirname, 'testing/child.ts');
const quotedNode = `'${process.execPath}' -r '${hook}' '${childFile}'`;

let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'netweaver-log-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  rmSync(path, { recursive: true, force: true });
});

const start = (what: string): ChildProcess => {
  const child = spawn(process.execPath, ['-r', hook, childFile, what, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
};
const killed = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};
/** Lets a child work until it has said `count` lines, then kills it; the last line it said. */
const workAndDie = async (what: string, count: number): Promise<number> => {
  const child = start(what);
  let said = 0;
  let last = '';
  for await (const line of createInterface({ input: child.stdout! })) {
    last = line;
    if (++said === count) child.kill('SIGKILL');
  }
  await killed(child);
  return Number(last);
};
const numbersIn = async (log: Log, topic: string): Promise<string[]> => {
  const reader = await log.reader();
  const [{ begin, end }] = await reader.bounds(topic);
  const found: string[] = [];
  for await (const record of reader.read({ topic, partition: 0 }, begin, end)) found.push(String(record.key ?? record.value));
  return found;
};

describe('the embedded log, between processes and threads', () => {
  test('what was acknowledged survives kill -9, whole and in order', async () => {
    for (const lines of [1, 7, 20, 33]) {
      const acknowledged = await workAndDie('append', lines);
      const log = embeddedLog(path);
      const numbers = await numbersIn(log, 'appended');
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
      expect(numbers).toEqual(numbers.map((_, i) => String(i)));
      const reader = await log.reader();
      for await (const { offset, value } of reader.read({ topic: 'appended', partition: 0 }, 0, numbers.length)) {
        expect(value?.equals(Buffer.alloc(100_000, offset))).toBe(true);
      }
      await log.close();
    }
  });

  test('outputs and positions stay together through kill -9, and the next process takes the group over', async () => {
    const total = 300;
    const before = embeddedLog(path);
    await before.admin.createTopics(['input', 'output'].map((name) => ({ name, partitions: 1, cleanup: 'delete' as const })));
    const input = Array.from({ length: total }, (_, i) => String(i));
    await (await before.producer('test')).append(input.map((value) => ({ topic: 'input', partition: 0, key: null, value: Buffer.from(value) })));
    await before.close();
    for (let round = 0; round < 5; round++) {
      const acknowledged = await workAndDie('process', 10 + round * 7);
      const after = embeddedLog(path);
      const position = (await after.admin.committed('copy', 'input')).get(0) as number;
      expect(position).toBeGreaterThanOrEqual(acknowledged);
      expect(await numbersIn(after, 'output')).toEqual(input.slice(0, position));
      await after.close();
    }
  });

  test('another process may read, and is refused when it asks to write; after the writer has died it may', async () => {
    const child = start('hold');
    for await (const line of createInterface({ input: child.stdout! })) if (line === 'holding') break;
    const log = embeddedLog(path);
    expect(await log.admin.listTopics()).toEqual([]);
    await expect(log.ping()).resolves.toBeUndefined();
    await expect(log.producer('second')).rejects.toMatchObject({ code: 'NW_LOG_LOCKED' });
    await expect(log.member({ group: 'g', instanceId: 'i', topics: [], transactional: false })).rejects.toMatchObject({ code: 'NW_LOG_LOCKED' });
    await expect(log.admin.createTopics([{ name: 'a', partitions: 1, cleanup: 'delete' }])).rejects.toMatchObject({ code: 'NW_LOG_LOCKED' });
    await killed(child);
    await expect(log.admin.createTopics([{ name: 'a', partitions: 1, cleanup: 'delete' }])).resolves.toEqual(['a']);
    await log.close();
  });

  test('worker threads append to the same partitions: every record once, each writer\'s in its order, and a reader here is woken', async () => {
    const log = embeddedLog(path);
    await log.admin.createTopics([{ name: 'shared', partitions: 2, cleanup: 'delete' }]);
    const member = await log.member({ group: 'g', instanceId: 'i', topics: ['shared'], transactional: false });
    const count = 200;
    const names = ['one', 'two', 'three'];
    const workers = names.map((name) => new Worker(`require(${JSON.stringify(hook)}); require(${JSON.stringify(join(__dirname, 'testing/worker.ts'))});`, { eval: true, workerData: { path, name, count } }));
    const finished = Promise.all(workers.map((worker) => once(worker, 'exit')));
    const byWriter = new Map<string, number[]>();
    const offsets: number[][] = [[], []];
    for (let seen = 0; seen < count * names.length; ) {
      for (const { partition, offset, key, value } of await member.poll(50, 600_000)) {
        seen++;
        offsets[partition].push(offset);
        const place = `${String(key)} ${partition}`;
        byWriter.set(place, [...(byWriter.get(place) ?? []), Number(value)]);
      }
    }
    await finished;
    for (const partition of [0, 1]) {
      expect(offsets[partition]).toEqual(offsets[partition].map((_, i) => i));
      for (const name of names) expect(byWriter.get(`${name} ${partition}`)).toEqual(Array.from({ length: count / 2 }, (_, i) => i * 2 + partition));
    }
    await member.close();
    await log.close();
  });

  test('two views of one thread write at the same time, and neither holds the thread while the other is at it', async () => {
    const busy = embeddedLog(path);
    await busy.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    const producer = await busy.producer('busy');
    let appends = 0;
    let ended = false;
    const working = (async () => {
      for (; !ended; appends++) await producer.append([{ topic: 't', partition: 0, key: null, value: Buffer.from('x') }]);
    })();
    for (let i = 0; i < 20; i++) {
      const before = appends;
      while (appends === before) await new Promise(setImmediate);
      const other = embeddedLog(path);
      await (await other.producer('other')).append([{ topic: 't', partition: 0, key: null, value: Buffer.from(String(i)) }]);
      await other.close();
    }
    ended = true;
    await working;
    expect((await numbersIn(busy, 't')).filter((text) => text !== 'x')).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    await busy.close();
  });

  test('a member of another name waits with nothing, and takes over when the first closes', async () => {
    const log = embeddedLog(path);
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    const join = (instanceId: string) => log.member({ group: 'g', instanceId, topics: ['t'], transactional: true });
    const [first, second] = [await join('one'), await join('two')];
    await (await log.producer('test')).append([{ topic: 't', partition: 0, key: null, value: Buffer.from('a') }]);
    expect(await second.poll(10, 50)).toEqual([]);
    expect(second.assignment()).toEqual([]);
    await expect(second.begin().commit([{ topic: 't', partition: 0, next: 1 }])).rejects.toMatchObject({ code: 'NW_LOG_FENCED' });
    expect(await first.poll(10, 50)).toHaveLength(1);
    await first.close();
    expect(await second.poll(10, 5000)).toHaveLength(1);
    await second.close();
    await log.close();
  });

  test('a commit that fails at its last step leaves nothing of what it had written before', async () => {
    const log = embeddedLog(path);
    await log.admin.createTopics(['in', 'out'].map((name) => ({ name, partitions: 1, cleanup: 'delete' as const })));
    const member = await log.member({ group: 'g', instanceId: 'i', topics: ['in'], transactional: true });
    const transaction = member.begin();
    transaction.append({ topic: 'out', partition: 0, key: null, value: Buffer.from('a') });
    await expect(transaction.commit([{ topic: 'in', partition: 0, next: 1 }, { topic: 'nowhere', partition: 0, next: 1 }])).rejects.toMatchObject({ code: 'NW_TOPIC_MISSING' });
    expect(await numbersIn(log, 'out')).toEqual([]);
    expect(await log.admin.committed('g', 'in')).toEqual(new Map());
    await member.close();
    await log.close();
  });

  test('a disk with too little left refuses before anything is written', async () => {
    const log = embeddedLog(path);
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    await log.close();
    const full = embeddedLog(path, { reserveBytes: 2 ** 60 });
    const producer = await full.producer('test');
    await expect(producer.append([{ topic: 't', partition: 0, key: null, value: Buffer.from('a') }])).rejects.toMatchObject({ code: 'NW_LOG_DISK_FULL' });
    expect(producer.pendingBytes).toBe(0);
    expect((await (await full.reader()).bounds('t'))[0].end).toBe(0);
    await full.close();
  });

  const whenPosix = process.platform === 'win32' ? describe.skip : describe;
  whenPosix('where a file cannot grow any more (needs a POSIX shell)', () => {
    test('every refused append is coded, nothing of it is there, and what was acknowledged is', async () => {
      const child = spawn('sh', ['-c', `trap '' XFSZ; ulimit -f 20000; exec ${quotedNode} fill '${path}'`], { stdio: ['ignore', 'pipe', 'ignore'] });
      children.push(child);
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
      expect(lines).toEqual(['NW_LOG_DISK_FULL', 'NW_LOG_DISK_FULL', 'NW_LOG_DISK_FULL', 'true true 0']);
    });
  });
});
