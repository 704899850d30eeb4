import { PROTOCOLS, type ExporterIdentity, type Protocol } from '../simulate/exporter';
import { Random } from '../simulate/random';
import { Simulation } from '../simulate/simulation';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { ConfiguredRates } from './sampling';
import type { Stream } from './streams';

const START = Date.UTC(2026, 5, 1);
/** Where the sequence number of each protocol's header stands. */
const SEQUENCE_AT: Readonly<Record<Protocol, number>> = { v5: 16, v9: 12, ipfix: 8, sflow: 16 };

interface Sent {
  readonly router: number;
  readonly datagram: Buffer;
  /** Units by the exporter's own count: how far its next number is ahead. */
  units: number;
}

/** What the four routers of a simulated network send, with their protocols; the last datagram of each is left out. */
function traffic(protocol: Protocol): { sent: Sent[]; address: (router: number) => string } {
  const sent: Sent[] = [];
  const last = new Map<number, Sent>();
  const emit = ({ router }: ExporterIdentity, datagram: Buffer): void => {
    const before = last.get(router);
    if (before) {
      before.units = (datagram.readUInt32BE(SEQUENCE_AT[protocol]) - before.datagram.readUInt32BE(SEQUENCE_AT[protocol])) >>> 0;
      sent.push(before);
    }
    last.set(router, { router, datagram, units: 0 });
  };
  const simulation = new Simulation({ seed: 11, protocols: [protocol], startMs: START, emit });
  for (let step = 1; step <= 200; step++) simulation.advance(START + step * 100, 200);
  simulation.flush(START + 20_000);
  return { sent, address: (router) => `192.0.2.${router}` };
}

/** Decodes what arrives; the streams by router. */
function receive(arrived: readonly Sent[], address: (router: number) => string): Map<number, Stream> {
  const decoder = new FlowDecoder(new FlowPartitions(1, 1 << 16, (builder) => void builder.take(0)), new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: () => undefined });
  arrived.forEach(({ router, datagram }, i) => decoder.decode(datagram, decoder.sources.of(address(router)), START + i, i));
  return new Map([...decoder.streams].map((stream) => [Number(stream.source.address.split('.')[3]), stream]));
}

const units = (list: readonly Sent[]): number => list.reduce((sum, { units: own }) => sum + own, 0);

describe.each(PROTOCOLS)('%s of a simulated network', (protocol) => {
  const { sent, address } = traffic(protocol);
  const ofRouter = (router: number): Sent[] => sent.filter((one) => one.router === router);
  const first = (router: number): Sent => ofRouter(router)[0];

  /** Compares each router's figures with the truth. */
  function expectFigures(arrived: readonly Sent[], truth: (router: number) => Record<string, number>): void {
    const streams = receive(arrived, address);
    for (const router of [1, 2, 3, 4]) {
      const { lost, reordered, duplicates, restarts } = streams.get(router)!.sequence;
      expect({ router, lost, reordered, duplicates, restarts }).toEqual({ router, lost: 0, reordered: 0, duplicates: 0, restarts: 0, ...truth(router) });
    }
  }

  test('that all arrives: nothing is lost', () => {
    expectFigures(sent, () => ({}));
  });

  test('of which every tenth datagram is dropped', () => {
    const dropped = sent.filter((one, i) => i % 10 === 9 && one !== first(one.router));
    const gone = new Set(dropped);
    expect(units(dropped)).toBeGreaterThan(30);
    // What was dropped after the last that came cannot be known; templates alone are no units of IPFIX.
    expectFigures(sent.filter((one) => !gone.has(one)), (router) => {
      const own = ofRouter(router);
      const known = own.slice(0, own.findLastIndex((one) => !gone.has(one)));
      return { lost: units(known.filter((one) => gone.has(one))) };
    });
  });

  test('of which bursts are dropped, datagrams overtake each other, and some come twice', () => {
    const random = new Random(5);
    const dropped: Sent[] = [];
    const twice: Sent[] = [];
    const kept: { one: Sent; at: number }[] = [];
    for (const router of [1, 2, 3, 4]) {
      const own = ofRouter(router);
      own.forEach((one, i) => {
        const burst = i % 97 > 90 && i > 0 && i < own.length - 12;
        if (burst) dropped.push(one);
        else kept.push({ one, at: i + (i > 0 && i < own.length - 12 ? random.unit() * 3 : 0) + router / 10 });
        if (!burst && i % 41 === 40 && one.units > 0) {
          twice.push(one);
          kept.push({ one, at: i + 6 });
        }
      });
    }
    kept.sort((a, b) => a.at - b.at);
    const streams = receive(kept.map(({ one }) => one), address);
    for (const router of [1, 2, 3, 4]) {
      const { lost, duplicates, restarts } = streams.get(router)!.sequence;
      const of = (list: readonly Sent[]): Sent[] => list.filter((one) => one.router === router);
      expect({ router, lost, duplicates, restarts }).toEqual({ router, lost: units(of(dropped)), duplicates: of(twice).length, restarts: 0 });
    }
  });
});
