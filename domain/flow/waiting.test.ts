import { decodeFlowBatch, type FlowBatch } from '../../schemas';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { bytes, ip4, ipfix, netflow9, optionsTemplate9, set, template } from './fixtures';
import { ConfiguredRates } from './sampling';

const FIELDS = [[8, 4], [12, 4], [1, 4]] as const;
const learn = (id = 256) => set(2, template(id, FIELDS));
const data = (octets: number, id = 256) => set(id, bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [octets, 4]));

function setUp(waiting = { totalBytes: 1 << 20, perExporterBytes: 1 << 18, ageMs: 60_000 }) {
  const partitions = new FlowPartitions(1);
  const faults: string[] = [];
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: (_source, fault) => faults.push(fault) }, { waiting });
  let serial = 0;
  const send = (datagram: Buffer, nowMs = 1_700_000_000_000, from = '192.0.2.1'): number => decoder.decode(datagram, decoder.sources.of(from), nowMs, serial++);
  const batch = (): FlowBatch => decodeFlowBatch(partitions.builders[0].take(0));
  return { decoder, waiting: decoder.waiting, faults, send, batch, partitions };
}

/** The flows' bytes, each with the sequence number of its datagram. */
const rows = ({ datagrams, flows }: FlowBatch): [bytes: number, sequence: number][] => flows.map((flow) => [flow.bytes, datagrams[flow.datagram].sequence]);

describe('data before its template', () => {
  test('is decoded when the template comes, as of the datagram that it came in', () => {
    const { send, batch, waiting, faults } = setUp();
    const early = ipfix([data(111)], { sequence: 7, seconds: 1_600_000_000 });
    expect(send(early, 1_000_000)).toBe(0);
    expect([waiting.size, faults]).toEqual([1, ['template_missing']]);
    expect(send(ipfix([learn(), data(222)], { sequence: 8, seconds: 1_600_000_060 }), 1_060_000)).toBe(2);
    const got = batch();
    expect(rows(got)).toEqual([[222, 8], [111, 7]]);
    expect(got.datagrams[1]).toMatchObject({ sequence: 7, exportTime: 1_600_000_000_000, receiveTime: 1_000_000 });
    expect(waiting).toMatchObject({ size: 0, bytes: 0, decoded: 1 });
    // its identity is that of the same datagram, had it come after its template
    send(early, 1_000_000);
    expect(batch().datagrams[0].contentHash).toBe(got.datagrams[1].contentHash);
  });

  test('of NetFlow v9 has the times of its own header', () => {
    const { send, batch } = setUp();
    const fields = [[8, 4], [22, 4], [21, 4]] as const;
    send(netflow9([set(300, bytes(ip4('10.0.0.1'), [9_000, 4], [9_500, 4]))], { uptime: 10_000, seconds: 1_600_000_000 }));
    send(netflow9([set(0, template(300, fields))], { uptime: 500_000, seconds: 1_600_000_490 }));
    expect(batch().flows).toMatchObject([{ start: 1_599_999_999_000, end: 1_599_999_999_500 }]);
  });

  test('in order, all that waited', () => {
    const { send, batch } = setUp();
    for (let i = 1; i <= 5; i++) send(ipfix([data(i)], { sequence: i }));
    expect(send(ipfix([learn()], { sequence: 6 }))).toBe(5);
    expect(rows(batch())).toEqual([[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]]);
  });

  test('of one id does not wait for that of another; the rest of a datagram is one of its own', () => {
    const { send, batch, waiting } = setUp();
    send(ipfix([data(1, 256), data(2, 257), data(3, 258)], { sequence: 1 }));
    send(ipfix([learn(257), learn(256)], { sequence: 2 }));
    const first = batch();
    expect([rows(first), waiting.size]).toEqual([[[1, 1], [2, 1]], 1]);
    send(ipfix([learn(258)], { sequence: 3 }));
    const second = batch();
    expect([rows(second), waiting.size, waiting.bytes]).toEqual([[[3, 1]], 0, 0]);
    // a datagram that is sent twice is known by its hash: the parts of one are not
    expect(second.datagrams[0].contentHash).not.toBe(first.datagrams[0].contentHash);
  });

  test('beside data that could be decoded at once', () => {
    const { send, batch } = setUp();
    send(ipfix([learn(256)], { sequence: 1 }));
    send(ipfix([data(2, 257), data(1, 256)], { sequence: 2 }));
    const first = batch();
    send(ipfix([learn(257)], { sequence: 3 }));
    const second = batch();
    expect([rows(first), rows(second)]).toEqual([[[1, 2]], [[2, 2]]]);
    expect(second.datagrams[0].contentHash).not.toBe(first.datagrams[0].contentHash);
  });

  test('may be options: the rates that they tell are learnt', () => {
    const { send, decoder } = setUp();
    send(netflow9([set(300, bytes([0, 4], [100, 4]))]));
    send(netflow9([set(1, optionsTemplate9(300, [[1, 4]], [[34, 4]]))]));
    expect([...decoder.streams][0].rates?.describe()).toEqual({ rate: 100, origin: 'options' });
  });

  test('of another domain or exporter keeps waiting', () => {
    const { send, waiting } = setUp();
    send(ipfix([data(1)], { domain: 1 }));
    send(ipfix([learn()], { domain: 2 }));
    send(ipfix([learn()], { domain: 1 }), 1_700_000_000_000, '192.0.2.2');
    expect(waiting.size).toBe(1);
  });

  test('is not acknowledged late: its rows are of the datagram that brought the template', () => {
    const { send, partitions } = setUp();
    for (let i = 0; i < 10; i++) send(ipfix([data(1, 300)], { sequence: i }));
    send(ipfix([learn(300)]));
    expect(partitions.builders[0].firstSerial).toBe(10);
  });

  test('is nothing that loss is reckoned from', () => {
    const { send, decoder } = setUp();
    for (let i = 0; i < 4; i++) send(ipfix([data(1)], { sequence: i }));
    send(ipfix([learn()], { sequence: 4 }));
    send(ipfix([data(1)], { sequence: 4 }));
    send(ipfix([data(1)], { sequence: 6 }));
    expect([...decoder.streams][0].sequence).toMatchObject({ lost: 1, duplicates: 0 });
  });
});

describe('bounds', () => {
  test('what has waited for too long is given up', () => {
    const { send, waiting, decoder } = setUp();
    send(ipfix([data(1)]), 0);
    decoder.waiting.expire(60_000);
    expect(waiting.size).toBe(1);
    decoder.waiting.expire(60_001);
    expect(waiting).toMatchObject({ size: 0, bytes: 0, tooOld: 1 });
    expect(send(ipfix([learn()]), 61_000)).toBe(0);
  });

  test('an exporter has its share: its own oldest goes', () => {
    const { send, waiting, batch } = setUp({ totalBytes: 1 << 20, perExporterBytes: 5000, ageMs: 60_000 });
    for (let i = 0; i < 100; i++) send(ipfix([data(i)], { sequence: i }));
    expect(waiting.bytes).toBeLessThanOrEqual(5000);
    expect(waiting.noRoom).toBe(100 - waiting.size);
    const { size } = waiting;
    send(ipfix([learn()]));
    expect(rows(batch()).map(([octets]) => octets)).toEqual(Array.from({ length: size }, (_, i) => 100 - size + i));
  });

  test('a flood of made-up exporters takes half of the room, and nothing of those that are known', () => {
    const { send, waiting } = setUp({ totalBytes: 100_000, perExporterBytes: 20_000, ageMs: 60_000 });
    for (let i = 0; i < 20; i++) send(ipfix([data(i)], { sequence: i }));
    for (let i = 0; i < 20_000; i++) send(ipfix([data(1)]), 1_700_000_000_000, `10.${i >> 8}.${i & 255}.1`);
    expect(waiting.bytes).toBeLessThanOrEqual(70_000);
    expect(send(ipfix([learn()]))).toBeGreaterThanOrEqual(19); // all but the first, which came when it was a stranger itself
  });

  test('a datagram that is larger than the share is not kept', () => {
    const { send, waiting } = setUp({ totalBytes: 100_000, perExporterBytes: 1000, ageMs: 60_000 });
    send(ipfix([set(256, Buffer.alloc(1200)), set(257, Buffer.alloc(100))]));
    expect(waiting).toMatchObject({ size: 0, bytes: 0, noRoom: 1 });
  });

  test('nothing is kept where there is no room at all', () => {
    const { send, waiting } = setUp({ totalBytes: 0, perExporterBytes: 0, ageMs: 0 });
    send(ipfix([data(1)]));
    expect(waiting).toMatchObject({ size: 0, noRoom: 0 });
    expect(send(ipfix([learn()]))).toBe(0);
  });
});
