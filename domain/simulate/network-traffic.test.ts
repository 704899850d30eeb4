/** What the collectors make of a simulated network's datagrams, beside what its interfaces count. */
import { CaptureDecoder, type CaptureRecord } from '../flow/capture-records';
import type { InterfaceCounters } from '../../schemas';
import { parseAttack, type AttackKind } from './attacks';
import type { Protocol } from './exporter';
import { NetworkSimulation, type NetworkOptions } from './network-simulation';
import { shapedNetwork } from './shapes';
import { numberedAddress } from './wired-network';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
interface Told {
  readonly simulation: NetworkSimulation;
  readonly records: CaptureRecord[];
  readonly flows: FlowRecord[];
  readonly counters: Map<string, InterfaceCounters>;
  readonly truth: Record<string, unknown>[];
}

const START = Date.UTC(2026, 2, 3, 20);
const NO_INCIDENTS = { link: 0, device: 0, crowd: 0, attack: 0 };

function run(more: Partial<NetworkOptions>, seconds: number): Told {
  const decoder = new CaptureDecoder();
  const records: CaptureRecord[] = [];
  const counters = new Map<string, InterfaceCounters>();
  const truth: Record<string, unknown>[] = [];
  const addressOf = (device: number): string => numberedAddress(10, 254, device);
  const simulation: NetworkSimulation = new NetworkSimulation(
    { elements: shapedNetwork('mesh', 12, 1), seed: 5, startMs: START, rate: 100, incidents: NO_INCIDENTS, addressOf, name: 'test', ...more },
    {
      events: () => undefined, states: () => undefined, metrics: () => undefined,
      counters: (all) => all.forEach((one) => counters.set(`${one.device}/${one.ifIndex}`, one)),
      datagram: (device, payload) => void records.push(...decoder.decode({ srcAddr: addressOf(device), payload, timestampMs: simulation.nowMs })),
      truth: (line) => void truth.push(line as Record<string, unknown>),
    },
  );
  simulation.begin();
  for (let i = 0; i < seconds * 10; i++) simulation.step();
  simulation.end();
  return { simulation, records, flows: records.filter((record) => record.kind === 'flow'), counters, truth };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const scaled = (flows: readonly FlowRecord[]): number => sum(flows.map(({ bytes, samplingRate }) => bytes * Math.max(1, samplingRate)));

describe.each<[Protocol, number]>([['v5', 1], ['v9', 10], ['ipfix', 1], ['sflow', 16]])('flows as %s, one packet of %d', (format, sampling) => {
  const { simulation, records, flows, counters } = run({ formats: [format], sampling, ipv6: 0.5, reportMs: 5000 }, 20);

  test('are decoded without a fault, each by the device where it comes in, with the family that the format can tell', () => {
    expect(records.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(new Set(flows.map(({ exporter }) => exporter)).size).toBe(12);
    expect(flows.every(({ inIf }) => inIf === 1)).toBe(true);
    const six = flows.filter(({ srcAddr }) => srcAddr.includes(':')).length / flows.length;
    if (format === 'v5') expect(six).toBe(0);
    else expect(six).toBeGreaterThan(0.3);
    if (sampling === 1) expect(flows).toHaveLength(simulation.flows);
  });

  test('add up to what the interfaces of the hosts count: exactly, or within what sampling leaves open', () => {
    // A sample has the whole frame: 22 bytes more, and short ones padded.
    const told = format === 'sflow' ? sum(flows.map(({ samplingRate, bytes }) => samplingRate * (bytes - 22))) : scaled(flows);
    const counted = sum([...counters.values()].filter(({ ifIndex }) => ifIndex === 1).map(({ inOctets }) => inOctets!));
    if (sampling === 1) expect(told).toBe(counted);
    else expect(Math.abs(told / counted - 1)).toBeLessThan(0.02);
  });

  if (format === 'sflow') {
    test('its counters are those that the log has', () => {
      const last = new Map(records.flatMap((record) => (record.kind === 'counters' ? [[`${record.exporter}/${record.ifIndex}`, record] as const] : [])));
      expect(last.size).toBe(counters.size);
      for (const [key, { inOctets, outOctets }] of last) expect([inOctets, outOctets]).toEqual([counters.get(key)!.inOctets, counters.get(key)!.outOctets]);
    });
  }
});

test('an interface table and counters of many interfaces go in several datagrams, none too long', () => {
  for (const format of ['ipfix', 'sflow'] as const) {
    const longest: number[] = [];
    const elements = shapedNetwork('clos', 60, 1);
    const simulation = new NetworkSimulation(
      { elements, seed: 1, startMs: START, rate: 50, incidents: NO_INCIDENTS, formats: [format], addressOf: (device) => numberedAddress(10, 254, device), name: 'wide' },
      { events: () => undefined, states: () => undefined, metrics: () => undefined, counters: () => undefined, truth: () => undefined, datagram: (_, payload) => void longest.push(payload.length) },
    );
    simulation.begin();
    for (let i = 0; i < 110; i++) simulation.step();
    simulation.end();
    expect(Math.max(...longest)).toBeLessThanOrEqual(1400);
  }
});

/** What flows of an attack look like: protocol, distinct sources, destinations and ports, bytes of a packet. */
const LOOKS: readonly [AttackKind, { proto: number; sources: [number, number]; targets: number; ports: [number, number]; size: number }][] = [
  ['syn-flood', { proto: 6, sources: [1000, Infinity], targets: 1, ports: [1, 1], size: 60 }],
  ['udp-amplification', { proto: 17, sources: [200, 1500], targets: 1, ports: [300, Infinity], size: 1400 }],
  ['icmp-flood', { proto: 1, sources: [200, 2000], targets: 1, ports: [1, 1], size: 84 }],
  ['http-flood', { proto: 6, sources: [150, 500], targets: 1, ports: [1, 1], size: 220 }],
  ['carpet-bombing', { proto: 17, sources: [1000, Infinity], targets: 54, ports: [300, Infinity], size: 512 }],
  ['horizontal-scan', { proto: 6, sources: [1, 1], targets: 11 * 54, ports: [1, 1], size: 44 }],
  ['vertical-scan', { proto: 6, sources: [1, 1], targets: 1, ports: [2000, 2000], size: 44 }],
  ['slow-ramp', { proto: 17, sources: [200, 2000], targets: 1, ports: [300, Infinity], size: 512 }],
  ['flash-crowd', { proto: 6, sources: [200, 4000], targets: 1, ports: [1, 1], size: 180 }],
];

describe.each(LOOKS)('%s', (kind, looks) => {
  const { flows, truth } = run({ rate: 0, attacks: [parseAttack(`${kind}@2+10${/scan/.test(kind) ? '' : ':1k'}`)] }, 14);
  const line = truth.find((one) => one.kind === 'attack')!;
  const over = truth.find((one) => one.kind === 'attack-over')!;
  const towards = flows.filter(({ dstAddr }) => dstAddr.startsWith('172.'));

  test('is in the truth with victim, start, end and rate, and meets that victim alone', () => {
    expect(line).toMatchObject({ attack: kind, benign: kind === 'flash-crowd', start: START + 2000, end: START + 12_000, rate: /scan/.test(kind) ? 200 : 1000 });
    const victim = String(line.victim);
    expect(towards.filter(({ dstAddr }) => !within(dstAddr, victim))).toEqual([]);
    expect(flows.filter(({ start, end }) => start < START + 2000 || end > START + 12_000)).toEqual([]);
  });

  test('looks like one', () => {
    const distinct = (value: (flow: FlowRecord) => string | number): number => new Set(towards.map(value)).size;
    const sources = distinct(({ srcAddr }) => srcAddr);
    const ports = distinct(({ dstPort }) => dstPort);
    expect(new Set(towards.map(({ proto }) => proto))).toEqual(new Set([looks.proto]));
    expect(sources).toBeGreaterThanOrEqual(looks.sources[0]);
    expect(sources).toBeLessThanOrEqual(looks.sources[1]);
    expect(distinct(({ dstAddr }) => dstAddr)).toBe(looks.targets);
    expect(ports).toBeGreaterThanOrEqual(looks.ports[0]);
    expect(ports).toBeLessThanOrEqual(looks.ports[1]);
    expect(towards.filter(({ bytes, packets }) => bytes !== packets * looks.size)).toEqual([]);
  });

  test('has its rate, after its ramp, and what got through is in the truth at its end', () => {
    const packets = sum(towards.map((flow) => flow.packets));
    expect(over).toMatchObject({ packets, bytes: packets * looks.size });
    const ramp = kind === 'slow-ramp' || kind === 'flash-crowd' ? 0.5 : 1;
    // One of twelve probes of a sweep would go back where it came from.
    const onTheWay = kind === 'horizontal-scan' ? 11 / 12 : 1;
    expect(packets / (10 * Number(line.rate) * ramp * onTheWay)).toBeCloseTo(1, 2);
    const second = (from: number): number => sum(towards.filter(({ end }) => end > START + from && end <= START + from + 1000).map((flow) => flow.packets));
    if (ramp === 0.5) expect(second(10_000)).toBeGreaterThan(5 * second(2000));
    if (kind === 'flash-crowd') expect(sum(flows.filter(({ srcAddr }) => srcAddr === line.victim).map((flow) => flow.packets))).toBe(packets);
  });
});

test('attacks in IPv6 meet an address of it', () => {
  const { flows, truth } = run({ rate: 0, ipv6: 1, attacks: [parseAttack('icmp-flood@1+2')] }, 4);
  const { victim } = truth.find((one) => one.kind === 'attack')!;
  expect(victim).toMatch(/^2001:db8:1:/);
  expect(new Set(flows.map(({ dstAddr, proto }) => `${dstAddr} ${proto}`))).toEqual(new Set([`${String(victim)} 58`]));
});

test('where an exporter cannot tell IPv6 attacks are in IPv4', () => {
  const { flows, truth } = run({ rate: 0, ipv6: 1, formats: ['v9', 'v5'], attacks: [parseAttack('icmp-flood@1+2:100')] }, 4);
  const { victim } = truth.find((one) => one.kind === 'attack')!;
  expect(new Set(flows.map(({ dstAddr, proto }) => `${dstAddr} ${proto}`))).toEqual(new Set([`${String(victim)} 1`]));
});

test.each([
  ['syn-flood', { kind: 'syn-flood', startSeconds: 30, seconds: 60, packetsPerSecond: 40_000 }],
  ['slow-ramp@5', { kind: 'slow-ramp', startSeconds: 5, seconds: 60, packetsPerSecond: 40_000 }],
  ['icmp-flood@5+0.5:1.5k', { kind: 'icmp-flood', startSeconds: 5, seconds: 0.5, packetsPerSecond: 1500 }],
  ['vertical-scan:2M', { kind: 'vertical-scan', startSeconds: 30, seconds: 60, packetsPerSecond: 2_000_000 }],
])('%s is read', (text, request) => {
  expect(parseAttack(text)).toEqual(request);
});

test.each(['', 'flood', 'syn-flood@', 'syn-flood@1+', 'syn-flood@1+0', 'syn-flood:0', 'syn-flood:1000M', 'syn-flood+5', 'syn-flood@-1'])('%p is refused', (text) => {
  expect(() => parseAttack(text)).toThrow(expect.objectContaining({ code: 'NW_USAGE' }) as Error);
});

/** Whether an address of 172.16/12 is a prefix's, or the same. */
function within(address: string, prefix: string): boolean {
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const [network, length = '32'] = prefix.split('/');
  return Math.floor(number(address) / 2 ** (32 - Number(length))) === Math.floor(number(network) / 2 ** (32 - Number(length)));
}
