import { CaptureDecoder } from '../../../domain/flow/capture-records';
import { Simulation } from '../../../domain/simulate/simulation';
import type { FlowDatagram } from './capture';
import { TemplateMemory } from './templates';

const START = Date.UTC(2026, 5, 1);

/** Datagrams of exporters that tell their templates once only. */
function exported(protocol: 'v9' | 'ipfix'): FlowDatagram[] {
  const datagrams: FlowDatagram[] = [];
  const simulation = new Simulation({
    seed: 2, protocols: [protocol], startMs: START, templateEvery: 1_000_000,
    emit: ({ router }, payload) => datagrams.push({ atMs: 0, protocol, exporter: `10.255.0.${router}`, exporterPort: 50_000, payload }),
  });
  for (let step = 1; step <= 20; step++) simulation.advance(START + 100 * step, 40);
  simulation.flush(START + 2100);
  return datagrams;
}

const decoded = (datagrams: readonly FlowDatagram[]): { flows: number; faults: number; rates: Set<unknown> } => {
  const decoder = new CaptureDecoder();
  const result = { flows: 0, faults: 0, rates: new Set<unknown>() };
  for (const { exporter, payload } of datagrams) {
    for (const record of decoder.decode({ timestampMs: START, srcAddr: exporter, payload })) {
      if (record.kind === 'flow') {
        result.flows++;
        result.rates.add((record as unknown as { samplingRate: unknown }).samplingRate);
      } else if (record.kind === 'fault') result.faults++;
    }
  }
  return result;
};

describe.each(['v9', 'ipfix'] as const)('what exporters of %s have told', (protocol) => {
  const all = exported(protocol);
  const half = all.length >> 1;

  it('is needed by a collector that starts in the middle', () => {
    expect(decoded(all)).toMatchObject({ flows: 800, faults: 0 });
    expect(decoded(all.slice(half)).faults).toBeGreaterThan(0);
  });

  it('is told again: templates and sampling rates, and no flow', () => {
    const memory = new TemplateMemory();
    for (const datagram of all.slice(0, half)) memory.note(datagram);
    const told = memory.tell();
    expect(decoded(told)).toMatchObject({ flows: 0, faults: 0 });
    expect(new Set(told.map(({ exporter }) => exporter)).size).toBe(4);
    const after = decoded([...told, ...all.slice(half)]);
    expect(after.faults).toBe(0);
    expect(after.flows).toBe(800 - decoded(all.slice(0, half)).flows);
    expect(after.rates).toEqual(decoded(all).rates);
    expect(after.rates.size).toBe(1);
    expect([...after.rates]).not.toEqual([0]);
  });

  it('is the same however often it was sent', () => {
    const memory = new TemplateMemory();
    for (const datagram of [...all, ...all]) memory.note(datagram);
    expect(memory.tell()).toHaveLength(4);
  });

  it('does not fail on lies', () => {
    const memory = new TemplateMemory();
    for (const datagram of all) for (const length of [0, 10, 18, 22, 40]) memory.note({ ...datagram, payload: datagram.payload.subarray(0, length) });
    const lying = Buffer.from(all[0].payload);
    lying.fill(0xff, 24);
    memory.note({ ...all[0], payload: lying });
    expect(memory.tell().length).toBeLessThanOrEqual(4);
  });
});
