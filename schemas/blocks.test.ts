import { decodeFlowBatch, encodeFlowBatch, encodeFlowBatchColumns, FlowBatchColumns, FLOW_MAX_BYTES, FLOW_PROTOCOL, writeFlow } from '.';
import type { FlowBatch } from '.';
import { writeLong } from './avro';
import { record } from './generator/model';
import { schemaFiles } from './generate';
import { RandomValues, seeded } from './random';
import { join } from 'node:path';

const model = record(schemaFiles(join(__dirname, '..')).find(({ path }) => path === 'flows/flow-batch.avsc')!.schema);
const batch = (rows: number, seed = 1): FlowBatch => new RandomValues(seeded(seed), rows).record(model) as unknown as FlowBatch;
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(10);
  return bytes.subarray(0, writeLong(bytes, 0, value));
};
const PREFIX = Buffer.from([0, 0, 0, 0, 1]);
const refused = expect.objectContaining({ code: 'NW_SCHEMA_MALFORMED' }) as Error;

/** The batch written with its flows in blocks of the given sizes; `sized` blocks have a negative count and their length. */
function inBlocks(value: FlowBatch, sizes: readonly number[], sized: boolean): Buffer {
  const columns = new FlowBatchColumns();
  columns.decode(encodeFlowBatch(value, 1));
  const { rowStart } = columns.flows;
  const parts = [encodeFlowBatch({ datagrams: value.datagrams, flows: [] }, 1).subarray(0, -1)];
  let row = 0;
  for (const size of sizes) {
    const rows = columns.bytes.subarray(rowStart[row], rowStart[row + size]);
    parts.push(sized ? Buffer.concat([long(-size), long(rows.length)]) : long(size), rows);
    row += size;
  }
  return Buffer.concat([...parts, long(0)]);
}

describe('arrays in several blocks, as other writers of Avro may send them', () => {
  const value = { ...batch(5), flows: Array.from({ length: 30 }, (_, i) => batch(40, i + 10).flows).flat().slice(0, 30) };

  test.each([
    ['one block', [30], false],
    ['blocks with counts', [1, 10, 19], false],
    ['blocks with counts and sizes', [7, 7, 7, 9], true],
  ])('%s decode to the same rows, which lie one after the other in the bytes', (_, sizes, sized) => {
    const bytes = inBlocks(value, sizes, sized);
    expect(decodeFlowBatch(bytes)).toEqual(value);
    const columns = new FlowBatchColumns();
    columns.decode(bytes);
    expect(columns.flows.length).toBe(30);
    expect(encodeFlowBatchColumns(columns, 1).equals(encodeFlowBatch(value, 1))).toBe(true);
    const { rowStart } = columns.flows;
    const again = inBlocks(value, [30], false);
    expect(columns.bytes.subarray(rowStart[0], rowStart[30]).equals(again.subarray(again.length - 1 - (rowStart[30] - rowStart[0]), again.length - 1))).toBe(true);
  });

  test('a block that is not as long as it says is refused', () => {
    const bytes = inBlocks(value, [30], true);
    const columns = new FlowBatchColumns();
    const at = encodeFlowBatch({ datagrams: value.datagrams, flows: [] }, 1).length - 1;
    for (const change of [-1, 1]) {
      const lie = Buffer.from(bytes);
      lie[at + 1] += 2 * change;
      expect(() => columns.decode(lie)).toThrow(refused);
      expect(() => decodeFlowBatch(lie)).toThrow(refused);
    }
  });
});

describe('lies that would cost memory or time', () => {
  const columns = new FlowBatchColumns();
  test.each([
    ['a count of 2^52', Buffer.concat([PREFIX, long(2 ** 52)])],
    ['a count that the bytes left cannot hold', Buffer.concat([PREFIX, long(1000), Buffer.alloc(1000)])],
    ['a negative count of 2^52 with a size', Buffer.concat([PREFIX, long(-(2 ** 52)), long(3), Buffer.alloc(10)])],
    ['a negative size', Buffer.concat([PREFIX, long(-1), long(-5), Buffer.alloc(100)])],
    ['a number that never ends', Buffer.concat([PREFIX, Buffer.alloc(1000, 255)])],
    ['an address of 5 bytes', Buffer.concat([PREFIX, long(1), long(5), Buffer.alloc(100)])],
    ['a symbol that there is not', Buffer.concat([PREFIX, long(1), long(0), long(0), long(4), Buffer.alloc(100)])],
  ])('%s is refused', (_, bytes) => {
    const before = columns.datagrams.rowStart.length + columns.flows.rowStart.length;
    expect(() => columns.decode(bytes)).toThrow(refused);
    expect(() => decodeFlowBatch(bytes)).toThrow(refused);
    expect(columns.datagrams.rowStart.length + columns.flows.rowStart.length).toBeLessThanOrEqual(before + 128);
  });
});

test('a value cut in the middle of its rows is refused at the row that it ends in', () => {
  const flows = Array.from({ length: 20 }, (_, i) => batch(40, i + 30).flows).flat().slice(0, 100);
  const bytes = encodeFlowBatch({ datagrams: [], flows }, 1);
  expect(() => new FlowBatchColumns().decode(bytes.subarray(0, bytes.length * 0.8))).toThrow('The bytes end within Flow.');
});

describe('columns of flows', () => {
  test('hold IPv4 as IPv4-mapped, none as zeros, and show the same memory as words', () => {
    const value = batch(40, 3);
    const flow = { ...value.flows[0], srcAddr: '10.1.2.3', dstAddr: '', nextHop: '2001:db8::1' };
    const columns = new FlowBatchColumns();
    columns.decode(encodeFlowBatch({ datagrams: [], flows: [flow] }, 1));
    const { flows } = columns;
    expect([...flows.srcAddr.subarray(0, 16)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3]);
    expect([...flows.dstAddr.subarray(0, 16)]).toEqual(new Array(16).fill(0));
    expect(Buffer.from(flows.nextHop.subarray(0, 16)).toString('hex')).toBe('20010db8000000000000000000000001');
    expect(Buffer.from(flows.nextHopWords.buffer, 0, 16).toString('hex')).toBe('20010db8000000000000000000000001');
  });

  test('can be filled by hand and written a row at a time within the stated bound', () => {
    const { flows } = new FlowBatchColumns();
    flows.reserve(1);
    flows.length = 1;
    for (const column of [flows.packets, flows.bytes, flows.samplingRate, flows.start, flows.end, flows.inIf, flows.outIf, flows.srcAs, flows.dstAs]) column[0] = -(2 ** 53);
    for (const column of [flows.datagram, flows.srcPort, flows.dstPort, flows.proto, flows.tcpFlags, flows.tos, flows.srcMask, flows.dstMask, flows.vlan, flows.direction, flows.observers]) column[0] = -(2 ** 31);
    for (const column of [flows.srcAddr, flows.dstAddr, flows.nextHop]) column.fill(7, 0, 16);
    expect(writeFlow(new Uint8Array(FLOW_MAX_BYTES), 0, flows, 0)).toBe(FLOW_MAX_BYTES);
    expect(flows.at(0).bytes).toBe(-(2 ** 53));
  });

  test('keep what is there when they grow', () => {
    const { flows } = new FlowBatchColumns();
    flows.reserve(1);
    flows.srcPort[0] = 443;
    flows.srcAddrWords[3] = 5;
    flows.reserve(100_000);
    expect([flows.srcPort[0], flows.srcAddrWords[3], flows.srcPort.length >= 100_000]).toEqual([443, 5, true]);
  });

  test('refuse to write a number that is not whole', () => {
    const columns = new FlowBatchColumns();
    columns.flows.reserve(1);
    columns.flows.length = 1;
    for (const wrong of [0.5, NaN, Infinity, 2 ** 53]) {
      columns.flows.bytes[0] = wrong;
      expect(() => encodeFlowBatchColumns(columns, 1)).toThrow(refused);
    }
  });

  test('end each row with the one byte of observers', () => {
    const value = batch(40, 8);
    const flows = value.flows.map((flow, i) => ({ ...flow, observers: 1 + (i % 63) }));
    const columns = new FlowBatchColumns();
    columns.decode(encodeFlowBatch({ datagrams: value.datagrams, flows }, 1));
    flows.forEach((flow, i) => expect(columns.bytes[columns.flows.rowStart[i + 1] - 1]).toBe(2 * flow.observers));
  });

  test('hold the protocol of a datagram by its index', () => {
    const columns = new FlowBatchColumns();
    const datagram = { exporter: '192.0.2.1', observationDomain: 1, protocol: 'IPFIX' as const, sequence: 2, contentHash: -3, exportTime: 4, receiveTime: 5, thinning: 6, scaled: true };
    columns.decode(encodeFlowBatch({ datagrams: [datagram], flows: [] }, 1));
    expect(columns.datagrams.protocol[0]).toBe(FLOW_PROTOCOL.IPFIX);
    expect(columns.datagrams.at(0)).toEqual(datagram);
  });
});
