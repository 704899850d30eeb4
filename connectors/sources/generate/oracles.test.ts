/** What independent decoders make of the simulated exporters: TShark (Wireshark) and nfdump's collectors. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOLS, type Protocol } from '../../../domain/simulate/exporter';
import { Simulation, type Totals } from '../../../domain/simulate/simulation';
import { startGenerator } from './generator';

const available = (command: string, version = '-V'): boolean => {
  try {
    execFileSync(command, [version], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};
const whenTshark = available('tshark', '--version') ? describe : describe.skip;
const whenNfdump = available('nfdump') && available('nfcapd') && available('sfcapd') ? describe : describe.skip;

const START = Date.UTC(2026, 5, 1, 12);
const PORTS: Readonly<Record<Protocol, number>> = { v5: 2055, v9: 2055, ipfix: 4739, sflow: 6343 };
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'netweaver-oracles-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A classic pcap of raw IPv4 packets (LINKTYPE_RAW). */
function pcap(datagrams: readonly { router: number; port: number; payload: Buffer; timeMs: number }[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(101, 20);
  const parts: Buffer[] = [head];
  for (const { router, port, payload, timeMs } of datagrams) {
    const length = 28 + payload.length;
    const frame = Buffer.alloc(16 + 28);
    frame.writeUInt32LE(Math.floor(timeMs / 1000), 0);
    frame.writeUInt32LE((timeMs % 1000) * 1000, 4);
    frame.writeUInt32LE(length, 8);
    frame.writeUInt32LE(length, 12);
    frame[16] = 0x45;
    frame.writeUInt16BE(length, 18);
    frame[24] = 64;
    frame[25] = 17;
    frame.set([10, 255, 0, router, 198, 51, 100, 1], 28);
    frame.writeUInt16BE(50_000, 36);
    frame.writeUInt16BE(port, 38);
    frame.writeUInt16BE(8 + payload.length, 40);
    parts.push(frame, payload);
  }
  return Buffer.concat(parts);
}

/** Whether some program has bound the UDP port. */
const taken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createSocket('udp4');
    probe.on('error', () => resolve(true));
    probe.bind(port, '127.0.0.1', () => probe.close(() => resolve(false)));
  });

whenTshark('TShark (needs it installed)', () => {
  it.each(PROTOCOLS)('dissects %s without a malformed field, and its sums are the generator\'s', (protocol) => {
    const datagrams: { router: number; port: number; payload: Buffer; timeMs: number }[] = [];
    let timeMs = START;
    const simulation = new Simulation({
      seed: 3, protocols: [protocol], startMs: START, templateEvery: 5,
      emit: ({ router }, payload) => datagrams.push({ router, port: PORTS[protocol], payload, timeMs }),
    });
    for (let step = 0; step < 150; step++) simulation.advance((timeMs += 100), 10);
    simulation.flush(timeMs);
    const file = join(folder, 'a.pcap');
    writeFileSync(file, pcap(datagrams));
    const fields = (names: readonly string[]): string[][] =>
      execFileSync('tshark', ['-r', file, '-d', 'udp.port==2055,cflow', '-d', 'udp.port==4739,cflow', '-T', 'fields', '-E', 'separator=;', '-E', 'aggregator=,', ...names.flatMap((name) => ['-e', name])], { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] })
        .toString().trimEnd().split('\n').map((line) => line.split(';'));
    const sum = (rows: string[][], column: number): number => rows.reduce((total, row) => total + row[column].split(',').reduce((a, b) => a + Number(b), 0), 0);
    const totals: Totals = simulation.totals();
    const rows = fields(['_ws.malformed', ...(protocol === 'sflow' ? ['sflow_245.header_protocol', 'sflow_245.header.frame_length'] : ['cflow.packets', 'cflow.octets', 'cflow.srcport'])]);
    expect(rows).toHaveLength(totals.datagrams);
    expect(rows.filter(([malformed]) => malformed !== '')).toEqual([]);
    if (protocol === 'sflow') {
      expect(rows.flatMap((row) => row[1].split(',')).filter(Boolean)).toHaveLength(totals.flows);
      expect(sum(rows, 2)).toBe(totals.bytes);
    } else {
      expect([sum(rows, 1), sum(rows, 2)]).toEqual([totals.packets, totals.bytes]);
      if (protocol === 'v9') expect(new Set(fields(['cflow.sampling_interval']).flat().filter(Boolean))).toEqual(new Set(['100']));
    }
  });
});

whenNfdump('nfcapd and sfcapd (need nfdump installed)', () => {
  it.each(PROTOCOLS)('store of %s the same flows, packets and bytes, with sampling applied', async (protocol) => {
    const probe = createSocket('udp4').bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    const start = (): ChildProcess => spawn(protocol === 'sflow' ? 'sfcapd' : 'nfcapd', ['-w', folder, '-p', String(port), '-b', '127.0.0.1', '-B', '4000000', '-t', '3600'], { stdio: 'ignore' });
    let collector = start();
    try {
      while (!(await taken(port))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        // It met the port while it was looked at.
        if (collector.exitCode !== null) collector = start();
      }
      // nfdump 1.7.1 does not apply a rate of scope System in v9.
      const totals = await startGenerator({ rate: 10_000, durationMs: 600, protocols: [protocol], sampling: protocol === 'v9' ? 'none' : 'typical', ports: { netflow: port, ipfix: port, sflow: port } }).finished;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const ended = once(collector, 'exit');
      collector.kill('SIGTERM');
      await ended;
      // It leaves options data out of IPFIX's sequence, which RFC 7011 section 3.1 counts: its failures say nothing there.
      const text = execFileSync('nfdump', ['-R', folder, '-I'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
      const stored = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
      expect({ flows: stored('Flows'), packets: stored('Packets'), bytes: stored('Bytes'), failures: protocol === 'ipfix' ? 0 : stored('Sequence failures') }).toEqual({
        flows: totals.flows, packets: totals.scaledPackets, bytes: totals.scaledBytes, failures: 0,
      });
    } finally {
      collector.kill('SIGKILL');
    }
  });
});
