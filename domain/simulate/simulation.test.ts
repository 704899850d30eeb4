import { createHash } from 'node:crypto';
import { PROTOCOLS, type ExporterIdentity } from './exporter';
import { Simulation, type SimulationOptions } from './simulation';

const START = Date.UTC(2026, 5, 1);

function run(options: Partial<SimulationOptions>, steps = 200, flows = 50): { simulation: Simulation; datagrams: { exporter: ExporterIdentity; datagram: Buffer }[]; digest: string } {
  const datagrams: { exporter: ExporterIdentity; datagram: Buffer }[] = [];
  const hash = createHash('sha256');
  const simulation = new Simulation({
    seed: 7, protocols: PROTOCOLS, startMs: START,
    emit: (exporter, datagram) => {
      datagrams.push({ exporter, datagram });
      hash.update(datagram);
    },
    ...options,
  });
  for (let step = 1; step <= steps; step++) simulation.advance(START + step * 100, flows);
  simulation.flush(START + steps * 100);
  return { simulation, datagrams, digest: hash.digest('hex') };
}

describe('the simulated network', () => {
  it('sends the same bytes for the same seed, and others for another', () => {
    expect(run({}).digest).toBe(run({}).digest);
    expect(run({ seed: 8 }).digest).not.toBe(run({}).digest);
  });

  it('reports every flow once, over all four protocols', () => {
    const { simulation } = run({});
    const totals = simulation.totals();
    expect(totals.flows).toBe(10_000);
    expect(totals.unique).toEqual({ flows: totals.flows, packets: totals.packets, bytes: totals.bytes });
    for (const protocol of PROTOCOLS) expect(totals.protocols[protocol]?.flows).toBeGreaterThan(500);
    expect(totals.protocols.sflow?.counters).toBeGreaterThan(0);
  });

  it('knows its totals as the datagrams of v5 show them', () => {
    const { simulation, datagrams } = run({ protocols: ['v5'], sampling: 'none' });
    let flows = 0;
    let packets = 0;
    let bytes = 0;
    for (const { datagram } of datagrams) {
      for (let at = 24; at < datagram.length; at += 48) {
        flows++;
        packets += datagram.readUInt32BE(at + 16);
        bytes += datagram.readUInt32BE(at + 20);
      }
    }
    expect(simulation.totals()).toMatchObject({ flows, packets, bytes, datagrams: datagrams.length, scaledBytes: bytes });
  });

  it('gives each exporter a datagram stream of its own with whole sequences', () => {
    const next = new Map<number, number>();
    for (const { exporter, datagram } of run({ protocols: ['v5'] }).datagrams) {
      expect(datagram.readUInt32BE(16)).toBe(next.get(exporter.router) ?? 0);
      expect(datagram[21]).toBe(exporter.router);
      next.set(exporter.router, datagram.readUInt32BE(16) + datagram.readUInt16BE(2));
    }
    expect([...next.keys()].sort()).toEqual([1, 2, 3, 4]);
  });

  it('is heavy-tailed: a hundredth of the flows carries most of the bytes', () => {
    const sizes: number[] = [];
    for (const { datagram } of run({ protocols: ['v5'] }).datagrams) for (let at = 24; at < datagram.length; at += 48) sizes.push(datagram.readUInt32BE(at + 20));
    sizes.sort((a, b) => b - a);
    const sum = (list: number[]): number => list.reduce((total, size) => total + size, 0);
    expect(sum(sizes.slice(0, sizes.length / 100)) / sum(sizes)).toBeGreaterThan(0.4);
  });

  it('with overlap reports flows of the core again, and tells what is unique', () => {
    const { simulation } = run({ protocols: ['v9'], sampling: 'none', overlap: 0.5 });
    const totals = simulation.totals();
    expect(totals.unique.flows).toBe(10_000);
    expect(totals.protocols.ipfix?.flows).toBe(totals.flows - 10_000);
    expect(totals.flows).toBeGreaterThan(13_000);
    expect(totals.flows).toBeLessThan(15_000);
  });

  it.each([
    [{ protocols: [] }, 'needs a protocol'],
    [{ overlap: 0.5 }, 'needs sampling none'],
  ])('refuses %j', (options, message) => {
    expect(() => run(options)).toThrow(message);
  });

  it('does not hold a flow for ever when few come', () => {
    const sent: Buffer[] = [];
    const simulation = new Simulation({ seed: 1, protocols: ['v9'], startMs: START, emit: (_, datagram) => sent.push(datagram) });
    simulation.advance(START, 1);
    expect(sent).toHaveLength(0);
    simulation.advance(START + 300, 0);
    expect(sent).toHaveLength(2);
  });
});
