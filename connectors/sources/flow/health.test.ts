import { FlowPartitions } from '../../../domain/flow/batch-builder';
import { FlowDecoder } from '../../../domain/flow/decoder';
import { bytes, ip4, ipfix, netflow5, netflow9, set, sflow5, sflowPart, template } from '../../../domain/flow/fixtures';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import { decodeCollectorHealth, type CollectorHealth } from '../../../schemas';
import { exportersRoute } from './exporters-route';
import { Health, type OwnLosses } from './health';
import type { Outgoing } from './publisher';

const NOW = 1_700_000_000_000;
const FIELDS = [[8, 4], [12, 4], [1, 4]] as const;
const flow = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [100, 4]);
const v5 = (n: number) => Array.from({ length: n }, () => ({ src: '10.0.0.1', dst: '10.0.0.2' }));
const NO_LOSSES: OwnLosses = { received: 0, receivedBytes: 0, kernelDrops: 0, queueDrops: 0, refused: 0, spoolDrops: 0 };

function setUp({ streams = 1000 } = {}) {
  const decoder = new FlowDecoder(
    new FlowPartitions(1),
    new ConfiguredRates({}, 0),
    { perExporter: 1 << 20, total: 1 << 22 },
    { fault: () => undefined, forgotten: (stream) => health.last(stream, NOW + 5000) },
    { streams, waiting: { totalBytes: 1 << 20, perExporterBytes: 1 << 18, ageMs: 60_000 } },
  );
  const published: Outgoing[] = [];
  const health = new Health(decoder, { name: 'collector.health', partitions: 2, schemaId: 7, type: 'x' }, 'instance-1', 3, (records) => published.push(...records), NOW);
  let serial = 0;
  const send = (datagram: Buffer, from = '192.0.2.1', atMs = NOW + 1): number => decoder.decode(datagram, decoder.sources.of(from), atMs, serial++);
  const taken = (): CollectorHealth[] => published.splice(0).map(({ value }) => decodeCollectorHealth(value));
  /** What is told now. */
  const tell = async (second: number, own: Partial<OwnLosses> = {}): Promise<CollectorHealth[]> => {
    await health.tell(NOW + second * 1000, { ...NO_LOSSES, ...own });
    return taken();
  };
  return { decoder, send, tell, taken, published };
}

const of = (records: readonly CollectorHealth[], exporter: string): CollectorHealth => records.find((record) => record.exporter === exporter)!;

describe('a record of an exporter', () => {
  test('says what came and what did not, in the units of its protocol', async () => {
    const { send, tell } = setUp();
    send(netflow5(v5(30), { sequence: 0, engine: 258, sampling: 0x4064 }));
    send(netflow5(v5(10), { sequence: 60, engine: 258, sampling: 0x4064 }));
    const record = of(await tell(10), '192.0.2.1');
    expect(record).toMatchObject({
      collector: 'instance-1', worker: 3, protocol: 'netflow5', domain: 258, windowStart: NOW, windowEnd: NOW + 10_000, lastSeen: NOW + 1,
      datagrams: 2, flows: 40, receivedBytes: 2 * 24 + 40 * 48, lost: 30, lossUnit: 'FLOWS', lossRatio: 30 / 70, samplingRate: 100, samplingOrigin: 'header', faults: [],
    });
  });

  test('has the window alone; without activity there is none', async () => {
    const { send, tell } = setUp();
    send(netflow5(v5(30), { sequence: 0 }));
    await tell(10);
    expect((await tell(20)).map(({ exporter }) => exporter)).toEqual(['']);
    send(netflow5(v5(30), { sequence: 60 }), '192.0.2.1', NOW + 21_000);
    expect(of(await tell(30), '192.0.2.1')).toMatchObject({ windowStart: NOW + 20_000, datagrams: 1, flows: 30, lost: 30 });
  });

  test('what comes late after it was told as lost is taken off the loss that follows', async () => {
    const { send, tell } = setUp();
    for (const sequence of [1, 5]) send(netflow9([], { sequence }));
    const told = [of(await tell(10), '192.0.2.1').lost];
    for (const sequence of [2, 3, 6]) send(netflow9([], { sequence }), '192.0.2.1', NOW + 11_000);
    told.push(of(await tell(20), '192.0.2.1').lost);
    for (const sequence of [10]) send(netflow9([], { sequence }), '192.0.2.1', NOW + 21_000);
    told.push(of(await tell(30), '192.0.2.1').lost);
    expect(told).toEqual([3, 0, 1]); // of 2, 3, 4, 7, 8, 9 four are lost in the end
  });

  test('counts faults by code, templates, and what waits for one', async () => {
    const { send, tell } = setUp();
    send(ipfix([set(2, template(256, FIELDS)), set(256, flow), set(300, flow), set(77, flow)]));
    expect(of(await tell(10), '192.0.2.1')).toMatchObject({
      protocol: 'ipfix', lossUnit: 'RECORDS', templates: 1, waiting: 1, faults: [{ code: 'template_missing', count: 1 }, { code: 'reserved_set', count: 1 }],
    });
  });

  test('of datagrams of no protocol there is one, too', async () => {
    const { send, tell } = setUp();
    send(Buffer.alloc(40, 7), '192.0.2.9');
    expect(of(await tell(10), '192.0.2.9')).toMatchObject({ protocol: 'unknown', datagrams: 1, faults: [{ code: 'unsupported_version', count: 1 }] });
  });

  test('sFlow: by agent; samples lost on the way, and those that the agent dropped', async () => {
    const { send, tell } = setUp();
    const sample = (sequence: number, source: number, drops: number) => sflowPart(1, bytes([sequence, 4], [source, 4], [512, 4], [5000, 4], [drops, 4], [1, 4], [2, 4], [0, 4]));
    send(sflow5([sample(1, 5, 100), sample(1, 6, 0)], { agent: '192.0.2.77', sequence: 1 }));
    send(sflow5([sample(4, 5, 107), sample(2, 6, 0)], { agent: '192.0.2.77', sequence: 3 }));
    expect(of(await tell(10), '192.0.2.77')).toMatchObject({ protocol: 'sflow5', datagrams: 2, lost: 1, lossUnit: 'DATAGRAMS', samplesLost: 2, samplesDropped: 7, samplingRate: 512, samplingOrigin: 'record' });
  });

  test('comes before its stream is forgotten', () => {
    const { send, taken } = setUp({ streams: 2 });
    for (const from of ['192.0.2.1', '192.0.2.2']) for (const sequence of [1, 2]) send(netflow9([], { sequence }), from);
    send(netflow9([]), '192.0.2.3');
    expect(taken()).toMatchObject([{ exporter: '192.0.2.1', datagrams: 2 }]);
  });
});

test('the record of the collector: what was lost on this machine, as one figure', async () => {
  const { send, tell, published } = setUp();
  send(netflow5(v5(30)));
  const [record] = await tell(10, { received: 90, receivedBytes: 9000, kernelDrops: 6, queueDrops: 4, refused: 2, spoolDrops: 5 });
  expect(record).toMatchObject({ exporter: '', protocol: '', datagrams: 90, receivedBytes: 9000, flows: 30, lost: 10, lossRatio: 0.1, kernelDrops: 6, queueDrops: 4, refused: 2, spoolDrops: 5 });
  expect(await tell(20, { received: 100, kernelDrops: 6, queueDrops: 4 })).toMatchObject([{ datagrams: 10, lost: 0, lossRatio: 0 }]);
  expect(published).toEqual([]);
});

test('records are keyed by exporter, those of the collector by its instance; no acknowledgement waits for them', async () => {
  const decoderSide = setUp();
  decoderSide.send(netflow5(v5(1)));
  const outgoing: Outgoing[] = [];
  const health = new Health(decoderSide.decoder, { name: 'collector.health', partitions: 2, schemaId: 7, type: 'x' }, 'instance-1', 0, (records) => outgoing.push(...records), NOW);
  await health.tell(NOW + 1000, NO_LOSSES);
  expect(outgoing.map(({ key, firstSerial, flows }) => [key!.toString(), firstSerial, flows])).toEqual([['instance-1', Infinity, 0], ['192.0.2.1', Infinity, 0]]);
});

describe('GET /collector/exporters', () => {
  const ask = (decoder: FlowDecoder, query: Record<string, string> = {}) => exportersRoute(decoder, { query }) as { status: number; body: { total: number; exporters: Record<string, unknown>[] } };

  test('what is known of each domain, those seen last first', () => {
    const { decoder, send } = setUp();
    send(netflow5(v5(2), { sequence: 5, sampling: 0x4064 }), '192.0.2.1', NOW);
    send(ipfix([set(2, template(256, FIELDS)), set(256, flow)], { domain: 4 }), '192.0.2.2', NOW + 1000);
    const { status, body } = ask(decoder);
    expect([status, body.total]).toEqual([200, 2]);
    expect(body.exporters).toMatchObject([
      { exporter: '192.0.2.2', protocol: 'ipfix', domain: 4, flows: 1, sampling: { rate: 0, origin: 'unknown' }, templates: [{ id: 256, options: false, fields: 3, restored: false }] },
      { exporter: '192.0.2.1', protocol: 'netflow5', lastSeen: '2023-11-14T22:13:20.000Z', datagrams: 1, flows: 2, lost: 0, lossUnit: 'flows', sampling: { rate: 100, origin: 'header' }, templates: [] },
    ]);
  });

  test('is bounded, and may be asked for one exporter', () => {
    const { decoder, send } = setUp();
    for (let i = 0; i < 20; i++) send(netflow5(v5(1)), `192.0.2.${i}`);
    expect(ask(decoder, { limit: '5' }).body).toMatchObject({ total: 20, exporters: { length: 5 } });
    expect(ask(decoder, { exporter: '192.0.2.7' }).body.exporters.map(({ exporter }) => exporter)).toEqual(['192.0.2.7']);
    for (const limit of ['0', '10001', 'all']) expect(ask(decoder, { limit }).status).toBe(400);
  });
});
