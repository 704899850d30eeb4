import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, counterSample, ip4, ipfix, ipv4Packet, netflow5, optionsTemplate10, set, sflow5, template } from '../../domain/flow/fixtures';
import { program } from '../program';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-decode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Tests of one worker share a process.
beforeEach(() => (process.exitCode = undefined));
afterEach(() => {
  process.exitCode = undefined;
  jest.restoreAllMocks();
});

/** A pcap of raw IP frames. */
function capture(name: string, datagrams: readonly Buffer[], cut = 0): string {
  const u32 = (...values: number[]): Buffer => bytes(...values.map((value) => [value, 4] as const));
  const frames = datagrams.map((payload) => ipv4Packet('192.0.2.1', '198.51.100.1', 17, bytes([50_000, 2], [2055, 2], [payload.length + 8, 2], [0, 2], payload)));
  const file = Buffer.concat([u32(0xa1b2c3d4, 0, 0, 0, 65535, 101), ...frames.flatMap((frame) => [u32(1_700_000_001, 0, frame.length, frame.length), frame])]);
  const path = join(folder, name);
  writeFileSync(path, file.subarray(0, file.length - cut));
  return path;
}

async function run(...args: string[]): Promise<{ out: string; err: string }> {
  const written = { out: '', err: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += String(text)), true));
  await program().parseAsync(['decode', ...args], { from: 'user' });
  return written;
}

const v5 = netflow5([{ src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1, dstPort: 2 }]);
const options = ipfix([set(3, optionsTemplate10(257, [[149, 4]], [[305, 4]])), set(257, bytes([7, 4], [100, 4]))]);

describe('netweaver decode', () => {
  test('--json: a line a record, faults among them; the counts to standard error', async () => {
    const { out, err } = await run(capture('a.pcap', [v5, options, sflow5([counterSample(3, 1, 2)]), Buffer.from('0001', 'hex')]), '--json');
    const records = out.trim().split('\n').map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(records).toMatchObject([
      { kind: 'flow', exporter: '192.0.2.1', protocol: 'NETFLOW_V5', srcAddr: '10.0.0.1', dstPort: 2, sequence: 1, receiveTime: 1_700_000_001_000 },
      { kind: 'options', protocol: 'IPFIX', values: { observationDomainId: 7, samplingPacketInterval: 100 } },
      { kind: 'counters', protocol: 'SFLOW_V5', ifIndex: 3, outOctets: 2 },
      { kind: 'fault', fault: 'truncated', exporter: '192.0.2.1' },
    ]);
    expect(err).toContain('4 frames, 4 UDP datagrams');
    expect(err).toContain('netflow5: 1 datagrams, 1 flows');
    expect(err).toContain('1 × truncated from 192.0.2.1');
    expect(process.exitCode ?? 0).toBe(0);
  });

  test('--extra, --element-file: elements beside the row, by the names that a file gives them', async () => {
    const file = join(folder, 'acme.yaml');
    writeFileSync(file, 'enterprise: 4242\nname: acme\nelements:\n  7: { name: tenant, type: string }\n');
    const flow = ipfix([set(2, template(256, [[8, 4], [12, 4], [7, 3, 4242], [136, 1]])), set(256, bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), Buffer.from('abc'), [3, 1]))]);
    const path = capture('e.pcap', [flow]);
    const { out } = await run(path, '--json', '--element-file', file, '--extra', 'acme.tenant,flowEndReason');
    expect(JSON.parse(out)).toMatchObject({ srcAddr: '10.0.0.1', detail: { extra: { 'acme.tenant': 'abc', flowEndReason: '3' } } });
    const { err } = await run(path, '--extra', 'noSuchElement');
    expect(err).toContain('NW_CONFIG_INVALID');
    expect(process.exitCode).toBe(2);
  });

  test('for people: a line a record', async () => {
    const { out } = await run(capture('b.pcap', [v5, options]));
    expect(out).toContain('NETFLOW_V5 192.0.2.1 proto 6 10.0.0.1:1 > 10.0.0.2:2');
    expect(out).toContain('options {"observationDomainId":7');
  });

  test('a capture that is cut short: what came before it, the coded error, its exit code; the next capture goes on', async () => {
    const { out, err } = await run(capture('c.pcap', [v5, v5], 3), capture('d.pcap', [v5]), '--json');
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(err).toContain('NW_CAPTURE_UNREADABLE');
    expect(process.exitCode).toBe(2);
  });
});
