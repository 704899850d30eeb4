import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowPartitions } from '../../../domain/flow/batch-builder';
import { FlowDecoder } from '../../../domain/flow/decoder';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import type { Stream } from '../../../domain/flow/streams';
import { Simulation } from '../../../domain/simulate/simulation';

const PORT = 21402;
const START = Date.UTC(2026, 5, 1);

const hasNfcapd = spawnSync('nfcapd', ['-V']).error === undefined;
const whenNfcapd = hasNfcapd ? describe : describe.skip;

/** What one router of a simulated network sends. */
function datagramsOf(protocol: 'v5' | 'v9'): Buffer[] {
  const list: Buffer[] = [];
  const simulation = new Simulation({ seed: 11, protocols: [protocol], startMs: START, emit: ({ router }, datagram) => void (router === 1 && list.push(datagram)) });
  for (let step = 1; step <= 100; step++) simulation.advance(START + step * 100, 200);
  return list;
}

/** What nfcapd counts of the datagrams: sequence errors and flows. */
async function nfcapd(datagrams: readonly Buffer[]): Promise<{ errors: number; flows: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-nfcapd-'));
  const process = spawn('nfcapd', ['-w', folder, '-p', String(PORT), '-b', '127.0.0.1', '-t', '3600'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listening = new Promise<void>((resolve) => {
    for (const stream of [process.stdout, process.stderr])
      stream.on('data', (text: Buffer) => {
        output += text.toString();
        if (/Startup nfcapd/.test(output)) resolve();
      });
  });
  await listening;
  const socket = createSocket('udp4');
  for (const [i, datagram] of datagrams.entries()) {
    await new Promise<void>((resolve, reject) => socket.send(datagram, PORT, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  await new Promise((resolve) => {
    process.once('exit', resolve);
    process.kill('SIGTERM');
  });
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  rmSync(folder, { recursive: true, force: true });
  const [, flows, errors] = /Flows: (\d+).*Sequence Errors: (\d+)/.exec(output) ?? [];
  return { flows: Number(flows), errors: Number(errors) };
}

function ours(datagrams: readonly Buffer[]): Stream {
  const decoder = new FlowDecoder(new FlowPartitions(1, 1 << 16, (builder) => void builder.take(0)), new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: () => undefined });
  datagrams.forEach((datagram, i) => decoder.decode(datagram, decoder.sources.of('127.0.0.1'), START + i, i));
  return [...decoder.streams][0];
}

whenNfcapd('loss beside nfcapd (needs nfdump)', () => {
  test.each(['v5', 'v9'] as const)('%s, every tenth datagram dropped: as many gaps as nfcapd finds, and what was in them', async (protocol) => {
    const all = datagramsOf(protocol);
    const arrived = all.filter((_, i) => i % 10 !== 9 || i === all.length - 1);
    const theirs = await nfcapd(arrived);
    const stream = ours(arrived);
    const dropped = all.length - arrived.length;
    expect(theirs).toEqual({ errors: dropped, flows: stream.flows });
    expect(stream.sequence.lost).toBe(protocol === 'v9' ? dropped : all.reduce((sum, datagram) => sum + datagram.readUInt16BE(2), 0) - stream.flows);
  }, 60_000);
});
