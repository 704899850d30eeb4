/** Pulses for tests, from what a test cares about. */
import { hllAdd } from '../../../domain/sketch/hyperloglog';
import { mix } from '../../../domain/sketch/hash';
import { encodeTrafficPulse, type PulseHost, type PulsePrefix, type PulseSource } from '../../../schemas';
import { HOST_SKETCH, MET_AT, PRECISION, PREFIX_SKETCH, SAMPLED_AT, SOURCE_SKETCH, TRIED_AT, TRIED_PORTS_AT } from '../../pulse/columns';
import { HOUR } from './flows';

/** Length of the slots that tests use, the default. */
export const SLOT_MS = 100;

const RECEIVED = { packets: 0, bytes: 0, flows: 0, synPackets: 0, udpPackets: 0, icmpPackets: 0, reflectedPackets: 0, reflectedBytes: 0, longPackets: 0, longBytes: 0, longSeconds: 0 };
const HOST: PulseHost = { ...RECEIVED, addr: '198.51.100.7', variance: 0, outPackets: 0, outBytes: 0, outFlows: 0, askedPackets: 0, outLongPackets: 0, outLongBytes: 0, outLongSeconds: 0, sketch: -1 };
const PREFIX: PulsePrefix = { ...RECEIVED, prefix: '198.51.100.0', bits: 24 };
const SOURCE: PulseSource = { addr: '203.0.113.9', probes: 0, lastTarget: '', lastPort: 0 };

/** A host of a pulse; `sources` and `peers` are how many different ones. */
export type HostSaid = Partial<PulseHost> & { readonly sources?: number; readonly ports?: number; readonly peers?: number };
/** A prefix of a pulse; `reach` is how many of its addresses. */
export type PrefixSaid = Partial<PulsePrefix> & { readonly reach?: number };
/** A source of a pulse: how many different addresses and ports it tried, met and sent to. */
export type SourceSaid = Partial<PulseSource> & { readonly tried?: number; readonly met?: number; readonly ports?: number; readonly sampled?: number };

/** So many different things in a sketch. */
function distinct(sketch: Uint8Array, at: number, count: number, first = 0): void {
  for (let i = 0; i < count; i++) hllAdd(sketch, at, PRECISION, mix(first + i + 1));
}

/** A pulse of the slot of that number, counted from {@link HOUR}. */
export function pulseOf(slot: number, { hosts = [], prefixes = [], sources = [], partition = 0 }: { hosts?: readonly HostSaid[]; prefixes?: readonly PrefixSaid[]; sources?: readonly SourceSaid[]; partition?: number }): Buffer {
  const hostSketches = Buffer.alloc(HOST_SKETCH * hosts.length);
  const prefixSketches = Buffer.alloc(PREFIX_SKETCH * prefixes.length);
  const sourceSketches = Buffer.alloc(SOURCE_SKETCH * sources.length);
  return encodeTrafficPulse(
    {
      slotStart: HOUR + slot * SLOT_MS, slotMs: SLOT_MS, sourcePartition: partition,
      hosts: hosts.map(({ sources: from = 0, ports = 0, peers = 0, ...host }, i) => {
        const sketch = hostSketches.subarray(HOST_SKETCH * i, HOST_SKETCH * (i + 1));
        [from, ports, peers].forEach((count, kind) => distinct(sketch, 64 * kind, count));
        for (let bucket = 0; bucket < 16; bucket++) sketch.writeFloatLE(from > bucket ? 1 : 0, 192 + 4 * bucket);
        return { ...HOST, ...host, sketch: i };
      }),
      prefixes: prefixes.map(({ reach = 0, ...prefix }, i) => {
        for (let address = 0; address < reach; address++) prefixSketches[PREFIX_SKETCH * i + (address >> 3)] |= 1 << (address & 7);
        return { ...PREFIX, ...prefix };
      }),
      sources: sources.map(({ tried = 0, met = 0, ports = 0, sampled = 0, ...source }, i) => {
        const sketch = sourceSketches.subarray(SOURCE_SKETCH * i, SOURCE_SKETCH * (i + 1));
        for (const [at, count] of [[TRIED_AT, tried], [MET_AT, met], [TRIED_PORTS_AT, ports], [SAMPLED_AT, sampled]]) distinct(sketch, at, count);
        return { ...SOURCE, ...source };
      }),
      hostSketches, prefixSketches, sourceSketches,
    },
    1,
  );
}

/** A flood of half a minute, a carpet and a scan, an hour before the traffic of golden replays. */
export function pulses(): { partition: number; value: Buffer; timestampMs: number }[] {
  return Array.from({ length: 300 }, (_, i) => {
    const slot = i - 36_000;
    const flood = { packets: 4000, bytes: 240_000, synPackets: 4000, flows: 4000, sources: 500 };
    const carpet = { prefix: '203.0.113.0', packets: i < 100 ? 100 : 4000, bytes: 400_000, udpPackets: 4000, reach: i < 100 ? 20 : 200 };
    const value = pulseOf(slot, { hosts: i % 3 === 0 ? [flood, { addr: '2001:db8::7', packets: 50, bytes: 5000 }] : [flood], prefixes: [carpet], sources: i === 150 ? [{ tried: 40, ports: 1, probes: 40, lastTarget: '198.51.100.9', lastPort: 445 }] : [], partition: i % 4 });
    return { partition: 0, value, timestampMs: HOUR + slot * SLOT_MS };
  });
}
