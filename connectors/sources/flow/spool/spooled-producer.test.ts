import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetWeaverError } from '../../../../infra/errors';
import type { LogProducer, OutgoingRecord } from '../../../../infra/log/log';
import type { CountedRecord } from './frame';
import { SpooledProducer, type SpoolOptions } from './spooled-producer';

const root = mkdtempSync(join(tmpdir(), 'netweaver-spool-'));
let folder: string;
let made: SpooledProducer[] = [];
let next = 0;
beforeEach(() => (folder = join(root, String(next++))));
afterEach(async () => {
  for (const producer of made) await producer.close();
  made = [];
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A log that can be away: what it is given then waits, in order. */
class StandIn implements LogProducer {
  readonly taken: OutgoingRecord[] = [];
  readonly pendingBytes = 0;
  refuses: (record: OutgoingRecord) => Error | null = () => null;
  private waiting: (() => void)[] = [];

  constructor(public away = false) {}

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.away) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const error = records.map(this.refuses).find(Boolean);
    if (error) throw error;
    this.taken.push(...records);
  }

  back(): void {
    this.away = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  get names(): string[] {
    return this.taken.map(({ value }) => nameOf(value!));
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

const nameOf = (value: Buffer): string => String(value).split(' ')[0];
/** A batch with a name; noise, so that it is as large on disk. */
const batch = (name: string, bytes = 100): CountedRecord => ({
  topic: 'flows.raw', partition: 1, key: null, value: Buffer.concat([Buffer.from(`${name} `), randomBytes(bytes)]), timestampMs: 7, headers: { ce_id: name }, flows: 3,
});
const names = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `b${from + i}`);

async function spooled(log: LogProducer | null, more: Partial<SpoolOptions> = {}): Promise<{ producer: SpooledProducer; warned: Error[]; failed: Error[] }> {
  const warned: Error[] = [];
  const failed: Error[] = [];
  const producer = new SpooledProducer({
    folder, maxBytes: 2 ** 24, afterMs: 20, directBytes: 2 ** 20,
    open: async () => {
      if (log === null) throw new NetWeaverError('NW_LOG_UNREACHABLE', 'nobody there');
      return log;
    },
    warn: (error) => warned.push(error), fail: (error) => failed.push(error), ...more,
  });
  made.push(producer);
  await producer.start(log !== null);
  return { producer, warned, failed };
}

const codes = (errors: readonly Error[]): string[] => errors.map((error) => (error as NetWeaverError).code);

describe('while the log takes everything', () => {
  test('nothing goes to disk', async () => {
    const log = new StandIn();
    const { producer } = await spooled(log);
    for (const name of names(0, 50)) await producer.append([batch(name)]);
    expect(log.names).toEqual(names(0, 50));
    expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toEqual([]);
    expect(producer.state()).toMatchObject({ active: false, written: { batches: 0 } });
  });
});

describe('while the log is away', () => {
  test('appends are durable in the files; when it is back it gets all, once, in order, and the files are gone', async () => {
    const log = new StandIn();
    const { producer } = await spooled(log);
    await producer.append([batch('b0')]);
    log.away = true;
    await Promise.all(names(1, 200).map((name) => producer.append([batch(name)])));
    expect(log.names).toEqual(['b0']);
    expect(producer.state().written).toEqual({ batches: 199, flows: 3 * 199 });
    log.back();
    await until(() => log.taken.length === 200);
    expect(log.names).toEqual(names(0, 200));
    await until(() => producer.state().bytes === 0);
    expect(producer.state()).toMatchObject({ active: false, unread: { batches: 0, flows: 0 } });
  });

  test('a record comes out of the files as it went in', async () => {
    const log = new StandIn(true);
    const { producer } = await spooled(log, { directBytes: 0 });
    const first = batch('first');
    const keyed: OutgoingRecord = { topic: 'interfaces.counters', partition: 0, key: Buffer.from('192.0.2.1/7'), value: Buffer.from([0, 255]), headers: { traceparent: '00-…' } };
    const deleted: OutgoingRecord = { topic: 'interfaces.state', partition: 2, key: Buffer.from('k'), value: null };
    await producer.append([first]);
    await producer.append([keyed, deleted]);
    log.back();
    await until(() => log.taken.length === 3);
    expect(log.taken.slice(1)).toEqual([keyed, deleted]);
  });

  test('what comes while the files are being read goes behind it, and then straight on again', async () => {
    const log = new StandIn();
    const { producer } = await spooled(log);
    log.away = true;
    await Promise.all(names(0, 300).map((name) => producer.append([batch(name, 50_000)])));
    log.back();
    let written = 300;
    const appends: Promise<void>[] = [];
    while (producer.state().active || written < 330) {
      appends.push(producer.append([batch(`b${written++}`, 50_000)]));
      await new Promise(setImmediate);
    }
    const before = producer.state().written.batches;
    appends.push(producer.append([batch(`b${written++}`)]));
    await Promise.all(appends);
    expect(producer.state().written.batches).toBe(before);
    expect(log.names).toEqual(names(0, written));
  });

  test('too much at once goes to the files before its time', async () => {
    const log = new StandIn(true);
    const { producer } = await spooled(log, { afterMs: 3_600_000, directBytes: 1000 });
    await Promise.all(names(0, 30).map((name) => producer.append([batch(name)])));
    log.back();
    await until(() => log.taken.length === 30);
    expect(log.names).toEqual(names(0, 30));
  });

  test('full files lose their oldest batches, counted, and keep the newest', async () => {
    const log = new StandIn();
    const { producer, warned } = await spooled(log, { maxBytes: 2 ** 20 });
    log.away = true;
    await producer.append([batch('b0')]);
    for (const name of names(1, 100)) await producer.append([batch(name, 40_000)]);
    const { bytes, losses } = producer.state();
    expect(bytes).toBeLessThanOrEqual(2 ** 20);
    expect(losses.dropped.batches).toBeGreaterThan(30);
    expect(losses.dropped.flows).toBe(3 * losses.dropped.batches);
    expect(codes(warned)).toContain('NW_SPOOL_FULL');
    log.back();
    await until(() => producer.state().bytes === 0);
    const kept = log.names.length;
    expect(log.names.slice(-20)).toEqual(names(80, 100));
    expect(log.names).toEqual([...log.names].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))));
    expect(kept + losses.dropped.batches).toBe(100);
  });
});

describe('after a restart', () => {
  /** Batches in the files, none of them delivered. */
  async function left(count: number, bytes = 100): Promise<void> {
    const { producer } = await spooled(new StandIn(true), { directBytes: 0 });
    await Promise.all(names(0, count).map((name) => producer.append([batch(name, bytes)])));
    await producer.close();
  }
  const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.segment')).sort().map((name) => join(folder, name));

  test('what an earlier process left is delivered first, also what it had handed to the log and nobody acknowledged', async () => {
    await left(20);
    const log = new StandIn();
    const { producer } = await spooled(log);
    await producer.append([batch('b20')]);
    await until(() => log.taken.length === 21);
    expect(log.names).toEqual(names(0, 21));
  });

  test('what was delivered before a proper end does not come again', async () => {
    const first = new StandIn();
    first.away = true;
    const { producer } = await spooled(first, { directBytes: 0 });
    await Promise.all(names(0, 20).map((name) => producer.append([batch(name)])));
    const taken: OutgoingRecord[] = [];
    let stop = false;
    first.append = async (records) => {
      if (taken.length >= 10 || stop) return new Promise(() => undefined);
      taken.push(...records);
    };
    await producer.close();
    const { producer: second } = await spooled({ ...standInAppend(first), pendingBytes: 0 });
    await until(() => taken.length === 10);
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop = true;
    await second.close();
    const log = new StandIn();
    await spooled(log);
    await until(() => log.taken.length === 10);
    expect([...taken.map(({ value }) => nameOf(value!)), ...log.names]).toEqual(names(0, 20));
  });

  test('kill -9 leaves what was acknowledged', async () => {
    const code = `require(${JSON.stringify(join(__dirname, '../../../../tests/typescript.cjs'))});
      const { SpooledProducer } = require(${JSON.stringify(join(__dirname, 'spooled-producer.ts'))});
      const producer = new SpooledProducer({ folder: ${JSON.stringify(folder)}, maxBytes: 2 ** 24, afterMs: 10, directBytes: 0, open: () => new Promise(() => undefined), warn: console.error, fail: console.error });
      producer.start(false).then(async () => {
        for (let i = 0; ; i++) {
          await producer.append([{ topic: 't', partition: 0, key: null, value: Buffer.from('b' + i + ' x') }]);
          process.stdout.write(i + '\\n');
        }
      });`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += String(text)));
    await until(() => output.split('\n').length > 200);
    child.kill('SIGKILL');
    await once(child, 'close');
    const acknowledged = output.split('\n').length - 1;
    const log = new StandIn();
    const { producer } = await spooled(log);
    await until(() => producer.state().bytes === 0);
    expect(log.names.length).toBeGreaterThanOrEqual(acknowledged);
    expect(log.names).toEqual(names(0, log.names.length));
  }, 60_000);

  test('a torn end is cut off and counted', async () => {
    await left(20);
    const [only] = segments();
    truncateSync(only, readFileSync(only).length - 7);
    const log = new StandIn();
    const { producer, warned } = await spooled(log);
    await until(() => log.taken.length === 19 && producer.state().bytes === 0);
    expect(log.names).toEqual(names(0, 19));
    expect(producer.state().losses.tornBytes).toBeGreaterThan(0);
    expect(codes(warned)).toContain('NW_SPOOL_DAMAGED');
  });

  test('a damaged batch is counted, and those around it are delivered', async () => {
    await left(20);
    const [only] = segments();
    const bytes = readFileSync(only);
    bytes[bytes.length >> 1] ^= 0x10;
    writeFileSync(only, bytes);
    const log = new StandIn();
    const { producer } = await spooled(log);
    await until(() => producer.state().bytes === 0);
    expect(log.taken.length).toBe(19);
    expect(producer.state().losses.damaged).toEqual({ batches: 1, flows: 3 });
  });

  test('a log that is not there yet is no hindrance', async () => {
    const log = new StandIn();
    let there = false;
    const producer = (await spooled(null, { open: async () => (there ? log : Promise.reject(new NetWeaverError('NW_LOG_UNREACHABLE', 'x'))) })).producer;
    await Promise.all(names(0, 5).map((name) => producer.append([batch(name)])));
    there = true;
    await until(() => log.taken.length === 5);
    expect(log.names).toEqual(names(0, 5));
  }, 20_000);
});

describe('files that cannot be written', () => {
  test('batches wait in memory and are delivered; it is said with its code', async () => {
    mkdirSync(root, { recursive: true });
    writeFileSync(folder, 'a file where a folder should be');
    const log = new StandIn(true);
    const { producer, warned } = await spooled(log);
    let durable = 0;
    for (const name of names(0, 10)) void producer.append([batch(name)]).then(() => durable++);
    await until(() => producer.state().errors > 0 && producer.state().active);
    expect([durable, producer.state().usable]).toEqual([0, false]);
    expect(codes(warned)).toContain('NW_SPOOL_UNUSABLE');
    log.back();
    await until(() => durable === 10);
    expect(log.names).toEqual(names(0, 10));
  }, 20_000);

  (existsSync('/dev/full') ? test : test.skip)('a full disk is counted and tried again (needs /dev/full)', async () => {
    const log = new StandIn();
    const { producer, warned } = await spooled(log);
    symlinkSync('/dev/full', join(folder, '000000000001.segment'));
    log.away = true;
    await Promise.all(names(0, 10).map((name) => producer.append([batch(name)])));
    expect(producer.state().errors).toBe(1);
    expect(warned).toMatchObject([{ code: 'NW_SPOOL_UNUSABLE', message: expect.stringContaining('ENOSPC') }]);
    log.back();
    await until(() => log.taken.length === 10);
    expect(log.names).toEqual(names(0, 10));
  }, 20_000);

  test('a folder that another process uses is left alone', async () => {
    const other = spawn('sleep', ['60']);
    await once(other, 'spawn');
    mkdirSync(folder, { recursive: true });
    const stat = existsSync('/proc/self/stat') ? readFileSync(`/proc/${other.pid}/stat`, 'latin1') : '';
    writeFileSync(join(folder, 'owner'), `${other.pid} ${stat === '' ? '' : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`);
    const log = new StandIn();
    const { producer, warned } = await spooled(log);
    expect(warned).toMatchObject([{ code: 'NW_SPOOL_UNUSABLE', message: expect.stringContaining(String(other.pid)) }]);
    await producer.append([batch('b0')]);
    expect(log.names).toEqual(['b0']);
    other.kill('SIGKILL');
    await once(other, 'close');
  });
});

describe('a log that refuses', () => {
  test('one batch for good: it is counted, and the others go on', async () => {
    const log = new StandIn();
    log.refuses = ({ value }) => (nameOf(value!) === 'b1' ? new NetWeaverError('NW_LOG_REJECTED', 'too large') : null);
    const { producer, failed } = await spooled(log);
    await Promise.all(names(0, 3).map((name) => producer.append([batch(name)])));
    expect(log.names).toEqual(['b0', 'b2']);
    expect(producer.state().refused).toEqual({ batches: 1, flows: 3 });
    expect(failed).toEqual([]);
  });

  test('everything for good: that ends the role, and nothing of it is acknowledged', async () => {
    const log = new StandIn();
    log.refuses = () => new NetWeaverError('NW_LOG_FENCED', 'x');
    const { producer, failed } = await spooled(log, { afterMs: 3_600_000 });
    let durable = false;
    void producer.append([batch('b0')]).then(() => (durable = true));
    await until(() => failed.length > 0);
    expect([codes(failed), durable]).toEqual([['NW_LOG_FENCED'], false]);
  });
});

/** The append of a stand-in, as a producer of its own. */
const standInAppend = (log: StandIn): Pick<LogProducer, 'append' | 'flush' | 'close'> => ({ append: (records) => log.append(records), flush: async () => undefined, close: async () => undefined });
