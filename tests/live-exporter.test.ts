/** softflowd exports what it reads to a running collector and to nfcapd: both store the same flows. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetCapture } from './support/packets';
import { freeUdpPort, runCommand, Stack, until } from './support/stack';

const absent = ['softflowd', 'nfcapd', 'nfdump'].filter((program) => spawnSync(program, ['-V'], { timeout: 10_000 }).error !== undefined);

interface Stored {
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcpFlags: number;
  readonly start: number;
  readonly end: number;
}

const FLAGS = 'CEUAPRSF';
const sorted = (rows: readonly Stored[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Sends every datagram on to two ports, as a mirroring switch would. */
async function mirror(to: readonly number[]): Promise<{ port: number; count: () => number; close: () => void }> {
  const socket: Socket = createSocket('udp4');
  let count = 0;
  socket.on('message', (datagram) => {
    count++;
    for (const port of to) socket.send(datagram, port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, count: () => count, close: () => socket.close() };
}

async function readNfcapd(folder: string): Promise<Stored[]> {
  const said = await runCommand('nfdump', ['-R', folder, '-q', '-o', 'json', '-N']);
  const rows = JSON.parse(`[${said.trim().replace(/,$/, '')}]`) as Record<string, string | number>[];
  return rows.filter((row) => row.type === 'FLOW').map((row) => ({
    src: String(row.src4_addr ?? row.src6_addr),
    dst: String(row.dst4_addr ?? row.dst6_addr),
    proto: Number(row.proto),
    srcPort: Number(row.src_port ?? 0),
    dstPort: Number(row.dst_port ?? Number(row.icmp_type ?? 0) * 256 + Number(row.icmp_code ?? 0)),
    packets: Number(row.in_packets),
    bytes: Number(row.in_bytes),
    tcpFlags: [...String(row.tcp_flags ?? '')].reduce((flags, letter, at) => (letter === FLAGS[at] ? flags | (1 << (7 - at)) : flags), 0),
    start: Date.parse(`${row.first}Z`),
    end: Date.parse(`${row.last}Z`),
  }));
}

async function readStack(stack: Stack): Promise<Stored[]> {
  const rows = await stack.query<Record<string, string>>(
    `select host(src_addr) as src, host(dst_addr) as dst, proto, src_port, dst_port, packets, bytes, tcp_flags,
            round(extract(epoch from start_time) * 1000) as start, round(extract(epoch from time) * 1000) as "end" from flow_records`,
  );
  return rows.map((row) => ({
    src: row.src,
    dst: row.dst,
    proto: Number(row.proto),
    srcPort: Number(row.src_port),
    dstPort: Number(row.dst_port),
    packets: Number(row.packets),
    bytes: Number(row.bytes),
    tcpFlags: Number(row.tcp_flags),
    start: Number(row.start),
    end: Number(row.end),
  }));
}

(absent.length === 0 ? describe : describe.skip)(`softflowd beside nfcapd (wants Debian's softflowd and nfdump)`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-softflowd-'));
  const capture = join(folder, 'packets.pcap');
  beforeAll(() => writeFileSync(capture, packetCapture(4000, 7)));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([['5', 'NetFlow v5'], ['9', 'NetFlow v9'], ['10', 'IPFIX']])('version %s: the database holds what nfcapd stores (%s)', async (version) => {
    const files = join(folder, version);
    mkdirSync(files);
    const stack = await Stack.start();
    const oraclePort = await freeUdpPort();
    const oracle = spawn('nfcapd', ['-w', files, '-p', String(oraclePort), '-b', '127.0.0.1'], { stdio: 'ignore' });
    const exporter = await mirror([version === '10' ? stack.ports.ipfix : stack.ports.netflow, oraclePort]);
    try {
      await new Promise((later) => setTimeout(later, 500));
      await runCommand('softflowd', ['-r', capture, '-n', `127.0.0.1:${exporter.port}`, '-v', version, ...(version === '10' ? ['-A', 'milli'] : []), '-a', '-6', '-d', '-c', 'none', '-p', join(files, '.pid')]);
      await until('softflowd has exported', async () => exporter.count() > 0);
      await new Promise((later) => setTimeout(later, 1500));
      oracle.kill('SIGTERM');
      await once(oracle, 'exit');
      const expected = await readNfcapd(files);
      expect(expected.length).toBeGreaterThan(100);
      await stack.stored(expected.length);
      expect(sorted(await readStack(stack))).toEqual(sorted(expected));
    } finally {
      oracle.kill('SIGKILL');
      exporter.close();
      await stack.stop();
    }
  }, 180_000);
});
