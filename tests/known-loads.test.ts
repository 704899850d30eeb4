/** A seeded sender of all four protocols that says what it sent: the sums in the database are the same. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, runCommand, shared, Stack } from './support/stack';

interface Sent {
  readonly flows: number;
  readonly packets: number;
  readonly octets: number;
  readonly sampling: number;
}

const source = shared('rivals/collectors/flowgun.c');
const compiler = spawnSync('cc', ['--version']).error === undefined ? [] : ['cc'];

describeWith([source, ...compiler], 'sums of a seeded load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-load-'));
  const gun = join(folder, 'flowgun');

  beforeAll(() => {
    const built = spawnSync('cc', ['-O2', '-o', gun, source, '-lm'], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const sendAndRead = async (proto: string, exporters: number, settings: Record<string, Record<string, unknown>>): Promise<void> => {
    const stack = await Stack.start(settings);
    try {
      const port = proto === 'ipfix' ? stack.ports.ipfix : proto === 'sflow' ? stack.ports.sflow : stack.ports.netflow;
      const said = await runCommand(gun, ['--proto', proto, '--flows', '100000', '--rate', '25000', '--exporters', String(exporters), '--port', String(port), '--seed', String(process.pid)]);
      const sent = JSON.parse(said.trim().split('\n').at(-1) ?? '') as Sent;
      const totals = await stack.stored(sent.flows);
      expect(totals).toEqual({ flows: sent.flows, packets: sent.packets, bytes: sent.octets, scaledPackets: sent.packets * sent.sampling, scaledBytes: sent.octets * sent.sampling });
    } finally {
      await stack.stop();
    }
  };

  for (const proto of ['v5', 'v9', 'ipfix', 'sflow']) it(`${proto}, one exporter`, () => sendAndRead(proto, 1, {}), 180_000);

  it('v9, four exporters that report the same flows, with removal across exporters switched off', () => sendAndRead('v9', 4, { dedup: { acrossExporters: false } }), 180_000);
});
