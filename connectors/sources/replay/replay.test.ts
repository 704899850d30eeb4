import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startReplay, type ReplayOptions } from './replay';
import { pcapOf, TestCollector, v5, type TestDatagram } from './testing';

let folder: string;
let collector: TestCollector;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netweaver-replay-'));
  collector = await TestCollector.start();
});
afterEach(async () => {
  await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

const START = 1_700_000_000_000;
const capture = (datagrams: readonly TestDatagram[], name = 'a.pcap'): string => {
  const path = join(folder, name);
  writeFileSync(path, pcapOf(datagrams));
  return path;
};
const many = (count: number, gapMs = 1): TestDatagram[] => Array.from({ length: count }, (_, i) => ({ timeMs: START + i * gapMs, src: `10.0.0.${1 + (i % 3)}`, payload: v5(i) }));
const options = (captures: string[], more: Partial<ReplayOptions> = {}): ReplayOptions => ({
  captures, target: '127.0.0.1', ports: { netflow: collector.port, ipfix: collector.port, sflow: collector.port }, ...more,
});
const arrivals = async (count: number): Promise<void> => {
  for (let i = 0; i < 100 && collector.arrived.length < count; i++) await new Promise((done) => setTimeout(done, 20));
};
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a replay', () => {
  it('sends every flow datagram, in order, each exporter from an address and port of its own', async () => {
    const path = capture([...many(30), { timeMs: START, src: '10.0.0.9', payload: Buffer.from('not a flow export'), dstPort: 53 }]);
    const replay = startReplay(options([path], { speed: Infinity }));
    const totals = await replay.finished;
    await arrivals(30);
    expect(totals).toMatchObject({ state: 'done', planned: 30, datagrams: 30, bytes: 30 * 72, skipped: 1, protocols: { v5: 30 }, refused: {} });
    expect(collector.arrived.map(({ sequence }) => sequence)).toEqual(range(30));
    if (process.platform !== 'linux') return;
    expect(replay.exporters().map(({ exporter, source }) => [exporter, source])).toEqual(range(3).map((i) => [`10.0.0.${i + 1}`, collector.arrived[i].address]));
    expect(collector.arrived[1]).toMatchObject({ address: '127.0.0.2', port: 50_000 });
    expect(new Set(collector.arrived.map(({ address }) => address)).size).toBe(3);
  });

  it('keeps the times of the capture, divided by the speed', async () => {
    const totals = await startReplay(options([capture(many(5, 400))], { speed: 4 })).finished;
    expect(totals.seconds).toBeGreaterThanOrEqual(0.399);
  });

  it('sends at a rate, and loops', async () => {
    const totals = await startReplay(options([capture(many(5))], { rate: 100, loops: 4 })).finished;
    await arrivals(20);
    expect(totals.datagrams).toBe(20);
    expect(totals.seconds).toBeGreaterThanOrEqual(0.189);
    expect(collector.arrived.map(({ sequence }) => sequence)).toEqual(range(20).map((i) => i % 5));
  });

  it('stamps headers with the present where asked', async () => {
    await startReplay(options([capture(many(1))], { rewriteTime: true })).finished;
    await arrivals(1);
    expect(Math.abs(collector.arrived[0].payload.readUInt32BE(8) * 1000 - Date.now())).toBeLessThan(10_000);
  });

  it('stops when told, in the middle of a pause', async () => {
    const replay = startReplay(options([capture(many(2, 3_600_000))]));
    await arrivals(1);
    expect(await replay.stop()).toMatchObject({ state: 'stopped', datagrams: 1 });
  });

  it('sends what comes before a cut and then says that the capture is cut', async () => {
    const path = join(folder, 'cut.pcap');
    const whole = pcapOf(many(3));
    writeFileSync(path, whole.subarray(0, whole.length - 10));
    const replay = startReplay(options([path], { speed: Infinity }));
    await expect(replay.finished).rejects.toMatchObject({ code: 'NW_CAPTURE_UNREADABLE' });
    expect(replay.progress()).toMatchObject({ state: 'failed', datagrams: 2 });
  });

  it('refuses what is no capture', async () => {
    writeFileSync(join(folder, 'x'), 'nothing of the kind, but long enough');
    await expect(startReplay(options([join(folder, 'x')])).finished).rejects.toMatchObject({ code: 'NW_CAPTURE_UNREADABLE' });
  });
});

describe('an acknowledged replay', () => {
  const acknowledged = (captures: string[], more: object = {}): ReplayOptions =>
    options(captures, { speed: Infinity, acknowledge: { url: collector.url, window: 50, timeoutMs: 300, giveUpMs: 20_000, ...more } });

  it('goes window by window and sends nothing twice when all goes well', async () => {
    const totals = await startReplay(acknowledged([capture(many(220))])).finished;
    expect(totals).toMatchObject({ state: 'done', datagrams: 220, resent: 0, windows: 5, restarts: 0, foreign: 0 });
    expect(collector.arrived).toHaveLength(220);
  });

  it('sends a window again when datagrams of it were lost', async () => {
    collector.lose = 7;
    const totals = await startReplay(acknowledged([capture(many(100))])).finished;
    expect([...collector.durable].sort((a, b) => a - b)).toEqual(range(100));
    expect(totals.resent).toBeGreaterThanOrEqual(50);
    expect(totals.datagrams).toBe(100);
  });

  it('waits for a collector that was killed and sends it what the old one had not acknowledged', async () => {
    let seen = 0;
    collector.onDatagram = () => {
      if (++seen !== 120) return;
      collector.down = true;
      // What the killed one had in memory only.
      for (const lost of range(220).slice(105)) collector.durable.delete(lost);
      setTimeout(() => collector.restart(), 900);
    };
    const totals = await startReplay(acknowledged([capture(many(220))])).finished;
    expect([...collector.durable].sort((a, b) => a - b)).toEqual(range(220));
    expect(totals.restarts).toBe(1);
    expect(totals.resent).toBeGreaterThan(0);
  });

  it('does not believe the counts of another instance', async () => {
    let seen = 0;
    collector.onDatagram = () => {
      if (++seen !== 120) return;
      for (const lost of range(220).slice(105)) collector.durable.delete(lost);
      collector.restart(10_000);
    };
    await startReplay(acknowledged([capture(many(220))])).finished;
    expect([...collector.durable].sort((a, b) => a - b)).toEqual(range(220));
  });

  it('sends a datagram with the same stamp again, so that it is a duplicate', async () => {
    const taken = new Map<number, Set<string>>();
    collector.lose = 1;
    await startReplay({ ...acknowledged([capture(many(3))]), rewriteTime: true, rate: 2 }).finished;
    for (const { sequence, payload } of collector.arrived) taken.set(sequence, (taken.get(sequence) ?? new Set()).add(payload.toString('hex')));
    expect([...taken.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(collector.arrived.length).toBeGreaterThan(3);
  });

  it('gives up when nothing is acknowledged for too long, and says how far it came', async () => {
    collector.onDatagram = () => void (collector.down = collector.arrived.length >= 60);
    const replay = startReplay(acknowledged([capture(many(220))], { giveUpMs: 800 }));
    await expect(replay.finished).rejects.toMatchObject({ code: 'NW_REPLAY_UNACKNOWLEDGED', message: expect.stringContaining('50 of 220 datagrams') });
  });

  it('gives up on a collector that never answers', async () => {
    collector.down = true;
    await expect(startReplay(acknowledged([capture(many(2))], { giveUpMs: 300 })).finished).rejects.toMatchObject({ code: 'NW_REPLAY_UNACKNOWLEDGED' });
    expect(collector.arrived).toHaveLength(0);
  });
});

const shared = resolve(__dirname, '../../../../shared/captures');
const whenCaptures = existsSync(shared) ? describe : describe.skip;
whenCaptures('captures of real exporters (need them beside the repository)', () => {
  it.each([
    ['netflow5/simpleweb-university-2708.pcap', { v5: 2708 }],
    ['sflow/hpn-1000.pcap', { sflow: 1000 }],
    ['netflow9/fuzz-corpus-libnetflow9.pcap', { v9: 14 }],
    ['netflow5/bad-count-too-big.pcap', { v5: 1 }],
  ])('%s is told by its content', async (file, protocols) => {
    const totals = await startReplay(options([join(shared, file)], { speed: Infinity })).finished;
    expect(totals.protocols).toEqual(protocols);
  });
});
