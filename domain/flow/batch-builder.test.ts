import { parse } from 'avsc';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOW_BATCH_SCHEMA } from '../../schemas';
import { CaptureReader } from '../pcap/datagrams';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, netflow9, sampledHeader, set, sflow5, tcp, template, bytes } from './fixtures';
import { flowPartition } from './hash';
import { ConfiguredRates } from './sampling';
import { MAX_LONG } from './varint';

/** Any Avro library would do: this one is not ours. */
const avro = parse(FLOW_BATCH_SCHEMA);

interface AvroBatch {
  readonly datagrams: { readonly sequence: number; readonly exporter: Buffer }[];
  readonly flows: { readonly datagram: number; readonly srcAddr: Buffer; readonly bytes: number; readonly inIf: number; readonly observers: number }[];
}

function decoderTo(partitions: FlowPartitions): FlowDecoder {
  return new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 24, total: 1 << 26 }, { fault: () => undefined });
}

/** Reads a value with the Avro library, checks that writing it again gives the same bytes. */
function readBack(value: Buffer, schemaId: number): AvroBatch {
  expect(value.readUInt32BE(1)).toBe(schemaId);
  const payload = value.subarray(5);
  const batch = avro.fromBuffer(payload) as AvroBatch;
  expect(avro.toBuffer(batch).equals(payload)).toBe(true);
  return batch;
}

const FOLDER = join(__dirname, '../../../shared/captures');
const whenCaptures = existsSync(join(FOLDER, 'manifest.json')) ? describe : describe.skip;

const v5 = (n: number, sequence: number): Buffer => netflow5(Array.from({ length: n }, (_, i) => ({ src: `10.1.${sequence % 256}.${i}`, dst: '192.0.2.9', srcPort: i, dstPort: 80, bytes: 2 ** 31 + i, packets: i * 100, inIf: 65535 })), { sequence });
const fields = [[8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [1, 8], [2, 4], [152, 8], [153, 8]] as const;
const record = (octets: bigint): Buffer => bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [1, 2], [2, 2], [17, 1], [octets, 8], [0xffffffff, 4], [1_700_000_000_001n, 8], [2n ** 63n, 8]);

describe('flow batches', () => {
  test.each([
    ['NetFlow v5', [v5(30, 1), v5(7, 2)], 37],
    ['NetFlow v9', [netflow9([set(0, template(256, fields)), set(256, Buffer.concat([record(0n), record(63n), record(64n), record(8191n), record(8192n), record(2n ** 40n)]))])], 6],
    ['IPFIX', [ipfix([set(2, template(300, fields)), set(300, record(1048576n))])], 1],
    ['sFlow', [sflow5([flowSample([sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2))))])])], 1],
  ])('%s: byte for byte what an Avro library writes', (_name, datagrams, flows) => {
    const partitions = new FlowPartitions(1);
    const decoder = decoderTo(partitions);
    const source = decoder.sources.of('2001:db8::5');
    datagrams.forEach((datagram, serial) => decoder.decode(datagram, source, 1_700_000_000_123, serial));
    const batch = readBack(partitions.builders[0].take(0x01020304), 0x01020304);
    expect(batch.flows).toHaveLength(flows);
    expect(batch.datagrams).toHaveLength(datagrams.length);
    expect(batch.flows.every(({ observers }) => observers === 1)).toBe(true);
  });

  test('a counter beyond what a double holds is cut off there, not wrong', () => {
    const partitions = new FlowPartitions(1);
    const decoder = decoderTo(partitions);
    decoder.decode(netflow9([set(0, template(256, fields)), set(256, record(2n ** 64n - 1n))]), decoder.sources.of('192.0.2.1'), 0, 0);
    expect(readBack(partitions.builders[0].take(1), 1).flows[0].bytes).toBe(MAX_LONG);
  });

  test('rows refer to their datagram, in every partition', () => {
    const partitions = new FlowPartitions(5);
    const decoder = decoderTo(partitions);
    for (let sequence = 0; sequence < 20; sequence++) decoder.decode(v5(30, sequence), decoder.sources.of('192.0.2.1'), 0, sequence);
    let flows = 0;
    for (const builder of partitions.builders) {
      const batch = readBack(builder.take(1), 1);
      for (const flow of batch.flows) expect(batch.datagrams[flow.datagram].sequence).toBe(flow.srcAddr[2]);
      flows += batch.flows.length;
    }
    expect(flows).toBe(600);
  });

  test('a batch is cut between datagrams, never within one', () => {
    const cut: AvroBatch[] = [];
    const partitions = new FlowPartitions(2, 4096, (builder) => cut.push(readBack(builder.take(1), 1)));
    const decoder = decoderTo(partitions);
    for (let sequence = 0; sequence < 50; sequence++) decoder.decode(v5(30, sequence), decoder.sources.of('192.0.2.1'), 0, sequence);
    expect(cut.length).toBeGreaterThan(5);
    const pieces = new Map<string, number>();
    for (const batch of [...cut, ...partitions.builders.map((builder) => readBack(builder.take(1), 1))]) {
      const partition = flowsPartition(batch);
      for (const { sequence } of batch.datagrams) pieces.set(`${partition} ${sequence}`, (pieces.get(`${partition} ${sequence}`) ?? 0) + 1);
    }
    expect([...pieces.values()].every((count) => count === 1)).toBe(true);
  });

  test('an emptied builder writes an empty batch', () => {
    const partitions = new FlowPartitions(1);
    expect([...partitions.builders[0].take(1)]).toEqual([0, 0, 0, 0, 1, 0, 0]);
  });
});

/** Which builder a batch of the test above came from. */
function flowsPartition({ flows }: AvroBatch): number {
  const partitions = new FlowPartitions(2);
  const decoder = decoderTo(partitions);
  const { srcAddr } = flows[0];
  decoder.decode(netflow5([{ src: [...srcAddr].join('.'), dst: '192.0.2.9', srcPort: srcAddr[3], dstPort: 80 }]), decoder.sources.of('192.0.2.1'), 0, 0);
  return partitions.builders.findIndex((builder) => builder.flows === 1);
}

test('a hash of the highest value still has a partition', () => {
  expect([flowPartition(-1, 7), flowPartition(0, 7), flowPartition(0x7fffffff, 2)]).toEqual([6, 0, 0]);
});

whenCaptures('captures (needs the collection of captures)', () => {
  const manifest: { file: string; walk?: object }[] = existsSync(join(FOLDER, 'manifest.json')) ? JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) : [];
  test.each(manifest.filter(({ walk }) => walk).map(({ file }) => [file]))('%s: byte for byte what an Avro library writes', (file) => {
    const values: Buffer[] = [];
    const partitions = new FlowPartitions(3, 65_536, (builder) => values.push(builder.take(9)));
    const decoder = decoderTo(partitions);
    let rows = 0;
    let serial = 0;
    for (const { payload, srcAddr, timestampMs } of CaptureReader.open(join(FOLDER, file)).datagrams()) rows += decoder.decode(payload, decoder.sources.of(srcAddr), Math.floor(timestampMs), serial++);
    for (const builder of partitions.builders) values.push(builder.take(9));
    expect(values.reduce((sum, value) => sum + readBack(value, 9).flows.length, 0)).toBe(rows);
  });
});
