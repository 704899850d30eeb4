import type { ExporterIdentity, Protocol } from './exporter';
import { fieldsV4, recordLength, UPTIME_FIELDS } from './fields';
import { newFlow, type Flow } from './flow';
import { IpfixExporter } from './ipfix';
import { NetFlow5Exporter } from './netflow5';
import { NetFlow9Exporter } from './netflow9';
import { interfacesOf, placeHost } from './network';
import { checksum, frameLength, writeSampledFrame } from './packet';
import { COUNTER_PERIOD_MS, SFlow5Exporter } from './sflow5';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const identity = (protocol: Protocol, sampling = 50): ExporterIdentity => ({ router: 1, name: 'edge-1', protocol, address: Uint8Array.of(10, 255, 0, 1), sampling, interfaces: interfacesOf(1) });

function someFlow(change: Partial<Flow> = {}): Flow {
  const flow = newFlow();
  placeHost(flow.src, 1, 2, 0);
  placeHost(flow.dst, 3, 1, 7);
  return Object.assign(flow, {
    srcPort: 40000, dstPort: 443, proto: 6, tcpFlags: 0x1b, tos: 0x10, vlan: 102, packets: 10, bytes: 5000,
    startMs: NOW - 3000, endMs: NOW - 1000, inIf: 2, outIf: 101, nextHop: 5, ...change,
  });
}

describe('NetFlow v5', () => {
  it('writes a header of 24 bytes and records of 48, with times in uptime and sampling in the header', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow5Exporter(identity('v5'), NOW, (d) => out.push(d));
    exporter.report(someFlow(), NOW);
    expect(out).toHaveLength(0);
    exporter.flush(NOW);
    const [d] = out;
    expect(d).toHaveLength(24 + 48);
    expect([d.readUInt16BE(0), d.readUInt16BE(2)]).toEqual([5, 1]);
    const uptime = d.readUInt32BE(4);
    expect([d.readUInt32BE(8), d.readUInt32BE(12)]).toEqual([Math.floor(NOW / 1000), 678_000_000]);
    expect([d.readUInt32BE(16), d[20], d[21]]).toEqual([0, 0, 1]);
    expect([d.readUInt16BE(22) >> 14, d.readUInt16BE(22) & 0x3fff]).toEqual([1, 50]);
    const r = d.subarray(24);
    expect([...r.subarray(0, 12)]).toEqual([10, 1, 32, 10, 10, 3, 16, 17, 10, 255, 0, 5]);
    expect([r.readUInt16BE(12), r.readUInt16BE(14), r.readUInt32BE(16), r.readUInt32BE(20)]).toEqual([2, 101, 10, 5000]);
    expect([uptime - r.readUInt32BE(24), uptime - r.readUInt32BE(28)]).toEqual([3000, 1000]);
    expect([r.readUInt16BE(32), r.readUInt16BE(34), r[36], r[37], r[38], r[39]]).toEqual([40000, 443, 0, 0x1b, 6, 0x10]);
    expect([r.readUInt16BE(40), r.readUInt16BE(42), r[44], r[45]]).toEqual([64513, 64515, 20, 20]);
  });

  it('sends at 30 records and counts flows in the sequence', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow5Exporter(identity('v5'), NOW, (d) => out.push(d));
    for (let i = 0; i < 61; i++) exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    expect(out.map((d) => [d.readUInt16BE(2), d.readUInt32BE(16)])).toEqual([[30, 0], [30, 30], [1, 60]]);
    expect(exporter.sent).toMatchObject({ datagrams: 3, flows: 61, packets: 610, bytes: 305_000, scaledBytes: 305_000 * 50 });
  });

  it('says nothing of sampling when there is none', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow5Exporter(identity('v5', 1), NOW, (d) => out.push(d));
    exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    expect(out[0].readUInt16BE(22)).toBe(0);
  });
});

/** Sets of a message: id and bytes after the set's header. */
function setsOf(message: Buffer, header: number): { id: number; body: Buffer }[] {
  const sets = [];
  for (let at = header; at < message.length; ) {
    const length = message.readUInt16BE(at + 2);
    expect(length % 4).toBe(0);
    sets.push({ id: message.readUInt16BE(at), body: message.subarray(at + 4, at + length) });
    at += length;
  }
  return sets;
}

describe('NetFlow v9', () => {
  it('sends templates, options template and sampling rate before the first data', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow9Exporter(identity('v9', 100), NOW, (d) => out.push(d), 20);
    exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    expect(out).toHaveLength(2);
    const [templates, data] = out;
    expect([templates.readUInt16BE(0), templates.readUInt16BE(2), templates.readUInt32BE(8), templates.readUInt32BE(12), templates.readUInt32BE(16)]).toEqual([9, 4, Math.floor(NOW / 1000), 0, 1]);
    const sets = setsOf(templates, 20);
    expect(sets.map(({ id }) => id)).toEqual([0, 1, 258]);
    expect([sets[0].body.readUInt16BE(0), sets[0].body.readUInt16BE(2), sets[0].body.readUInt16BE(4), sets[0].body.readUInt16BE(6)]).toEqual([256, 20, 8, 4]);
    expect(Array.from({ length: 9 }, (_, i) => sets[1].body.readUInt16BE(2 * i))).toEqual([258, 4, 8, 1, 4, 34, 4, 35, 1]);
    expect([sets[2].body.readUInt32BE(0), sets[2].body.readUInt32BE(4), sets[2].body[8]]).toEqual([1, 100, 2]);
    expect([data.readUInt16BE(2), data.readUInt32BE(12)]).toEqual([1, 1]);
    expect(setsOf(data, 20)[0].body.length).toBeGreaterThanOrEqual(recordLength(fieldsV4(UPTIME_FIELDS)));
  });

  it('counts datagrams in the sequence, repeats the templates every n data datagrams, keeps the families apart', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow9Exporter(identity('v9'), NOW, (d) => out.push(d), 2);
    for (let i = 0; i < 5; i++) {
      exporter.report(someFlow(), NOW);
      exporter.report(someFlow({ ipv6: true }), NOW);
      exporter.flush(NOW);
    }
    expect(out.map((d) => d.readUInt32BE(12))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(out.map((d) => setsOf(d, 20).map(({ id }) => id).join())).toEqual(['0,1,258', '256,257', '256,257', '0,1,258', '256,257', '256,257', '0,1,258', '256,257']);
  });

  it('never outgrows the largest payload', () => {
    const out: Buffer[] = [];
    const exporter = new NetFlow9Exporter(identity('v9'), NOW, (d) => out.push(d), 20);
    for (let i = 0; i < 500; i++) exporter.report(someFlow({ ipv6: i % 3 === 0 }), NOW);
    exporter.flush(NOW);
    expect(Math.max(...out.map((d) => d.length))).toBeLessThanOrEqual(1400);
    expect(exporter.sent.flows).toBe(500);
  });
});

describe('IPFIX', () => {
  it('writes its length, absolute milliseconds, and counts data records in the sequence, options data among them', () => {
    const out: Buffer[] = [];
    const exporter = new IpfixExporter(identity('ipfix', 64), NOW, (d) => out.push(d), 20);
    for (let i = 0; i < 3; i++) exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    for (const d of out) expect([d.readUInt16BE(0), d.readUInt16BE(2), d.readUInt32BE(4), d.readUInt32BE(12)]).toEqual([10, d.length, Math.floor(NOW / 1000), 1]);
    // one sampling record and six interfaces go before the flows
    expect(out.map((d) => d.readUInt32BE(8))).toEqual([0, 7, 10]);
    const data = setsOf(out[2], 16)[0];
    expect(data.id).toBe(256);
    const times = 4 * 3 + 2 + 8 * 2 + 4 * 2 + 2 * 2 + 4 + 4 * 2 + 2;
    expect([Number(data.body.readBigUInt64BE(times)), Number(data.body.readBigUInt64BE(times + 8))]).toEqual([NOW - 3000, NOW - 1000]);
  });

  it('names its interfaces in fields of variable length', () => {
    const out: Buffer[] = [];
    const exporter = new IpfixExporter(identity('ipfix'), NOW, (d) => out.push(d), 20);
    exporter.report(someFlow(), NOW);
    exporter.flush(NOW);
    const sets = setsOf(out[0], 16);
    expect(sets.map(({ id }) => id)).toEqual([2, 3, 258, 259]);
    expect([sets[2].body.readUInt32BE(4), sets[2].body.readUInt32BE(8)]).toEqual([1, 49]);
    const first = sets[3].body;
    expect(first.readUInt32BE(0)).toBe(1);
    expect(first.subarray(5, 5 + first[4]).toString()).toBe('ge-0/0/1');
  });
});

describe('sFlow v5', () => {
  it('carries a sampled packet with its real header, VLAN and route', () => {
    const out: Buffer[] = [];
    const exporter = new SFlow5Exporter(identity('sflow', 512), NOW, (d) => out.push(d));
    const flow = someFlow();
    exporter.report(flow, NOW);
    exporter.flush(NOW);
    const [d] = out;
    expect([0, 4, 12, 16, 24].map((at) => d.readUInt32BE(at))).toEqual([5, 1, 1, 1, 1]);
    expect([...d.subarray(8, 12)]).toEqual([10, 255, 0, 1]);
    const s = d.subarray(28);
    expect([s.readUInt32BE(0), s.readUInt32BE(4)]).toEqual([1, s.length - 8]);
    expect([8, 12, 16, 20, 24, 28, 32, 36].map((at) => s.readUInt32BE(at))).toEqual([1, 2, 512, 512, 0, 2, 101, 3]);
    const raw = s.subarray(40);
    expect([0, 8, 12, 16, 20].map((at) => raw.readUInt32BE(at))).toEqual([1, 1, 500 + 18 + 4, 4, 128]);
    const frame = raw.subarray(24, 24 + 128);
    expect([frame.readUInt16BE(12), frame.readUInt16BE(14), frame.readUInt16BE(16)]).toEqual([0x8100, 102, 0x0800]);
    expect(frame.readUInt16BE(18 + 2)).toBe(500);
    expect(checksum(frame, 18, 20)).toBe(0);
    expect([frame.readUInt16BE(38), frame.readUInt16BE(40), frame[51]]).toEqual([40000, 443, 0x1b]);
    const rest = raw.subarray(24 + 128);
    expect([0, 4, 8].map((at) => rest.readUInt32BE(at))).toEqual([1001, 16, 102]);
    expect([24, 28, 32].map((at) => rest.readUInt32BE(at))).toEqual([1002, 16, 1]);
    expect(exporter.sent).toMatchObject({ flows: 1, packets: 1, bytes: 522, scaledPackets: 512 });
  });

  it('sends the counters of every interface by time, which agree with the samples', () => {
    const out: Buffer[] = [];
    const exporter = new SFlow5Exporter(identity('sflow', 512), NOW, (d) => out.push(d));
    for (let i = 0; i < 20; i++) exporter.report(someFlow(), NOW);
    exporter.tick(NOW + COUNTER_PERIOD_MS);
    const counters = out[out.length - 1];
    expect([counters.readUInt32BE(24), exporter.sent.counters]).toEqual([6, 6]);
    const second = counters.subarray(28 + 116);
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((at) => second.readUInt32BE(at))).toEqual([2, 108, 1, 2, 1, 1, 88, 2]);
    const generic = second.subarray(28);
    expect([Number(generic.readBigUInt64BE(8)), Number(generic.readBigUInt64BE(24)), generic.readUInt32BE(32)]).toEqual([10e9, 20 * 512 * 518, 20 * 512]);
    expect(out.map((d) => d.readUInt32BE(16))).toEqual(out.map((_, i) => i + 1));
    for (const d of out) expect(d.length).toBeLessThanOrEqual(1400);
  });

  it.each([
    ['ICMP', { proto: 1, srcPort: 0, dstPort: 0x0800, packets: 1, bytes: 84 }, 0x0800, 38],
    ['ICMPv6', { proto: 58, srcPort: 0, dstPort: 0x8000, ipv6: true, packets: 1, bytes: 104 }, 0x8000, 58],
  ])('writes the type and code of %s', (_, change, word, at) => {
    const frame = Buffer.alloc(128);
    const flow = someFlow(change);
    expect(writeSampledFrame(frame, 0, flow)).toBe(Math.min(128, frameLength(flow) - 4));
    expect(frame.readUInt16BE(at)).toBe(word);
  });
});
