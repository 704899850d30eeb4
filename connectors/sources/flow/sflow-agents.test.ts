/** Real sFlow agents send to us, and to nfdump's collector beside us: pmacct's from a capture, Open vSwitch's from its datapath. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CaptureDecoder, type CaptureRecord } from '../../../domain/flow/capture-records';
import { bytes, ethernet, ipv4Packet, ipv6Packet, tcp, vlan } from '../../../domain/flow/fixtures';
import { hasOpenVswitch, OpenVswitch } from './testing/open-vswitch';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const [AGENT_PORT, NFDUMP_PORT] = [21_500, 21_501];

const folder = mkdtempSync(join(tmpdir(), 'netweaver-sflow-'));
const children = new Set<ChildProcess>();
let socket: Socket;
let datagrams: Buffer[] = [];

beforeEach(async () => {
  datagrams = [];
  socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
  socket.on('message', (payload) => datagrams.push(payload));
  await new Promise<void>((resolve) => socket.bind(AGENT_PORT, '127.0.0.1', resolve));
});
afterEach(async () => {
  socket.close();
  await Promise.all([...children].map(stop));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;

function decode(): CaptureRecord[] {
  const decoder = new CaptureDecoder();
  return datagrams.flatMap((payload) => decoder.decode({ srcAddr: '127.0.0.1', payload, timestampMs: Date.now() }));
}

/** Asks again until it is so; the test's own limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(100);
}

const line = (fields: readonly (string | number)[]): string => fields.join(' ');
const flags = (text: string): number => [...text].reduce((bits, letter, i) => (letter === '.' ? bits : bits | (0x80 >> i)), 0);

/** The flows as nfdump shows them, one text each. Its counters are scaled by the sampling rate. */
const ours = (flows: readonly FlowRecord[]): string[] =>
  flows.map((f) => line([f.srcAddr, f.dstAddr, f.srcPort, f.dstPort, f.proto, f.tcpFlags, f.tos, f.packets * f.samplingRate, f.bytes * f.samplingRate, f.inIf, f.vlan])).sort();

/** The same datagrams to sfcapd: what it stored. It gives the agent itself (0x3fffffff) as an interface, where we say 0. */
async function nfdumps(): Promise<string[]> {
  const store = mkdtempSync(join(folder, 'nfdump-'));
  const collector = start('sfcapd', ['-b', '127.0.0.1', '-p', String(NFDUMP_PORT), '-w', store, '-B', String(8 << 20)]);
  await pause(500);
  for (const [i, payload] of datagrams.entries()) {
    await new Promise((resolve) => socket.send(payload, NFDUMP_PORT, '127.0.0.1', resolve));
    if (i % 20 === 0) await pause(2);
  }
  await pause(500);
  await stop(collector);
  const stored = JSON.parse(`[${execFileSync('nfdump', ['-R', store, '-o', 'json', '-q'], { encoding: 'utf8', maxBuffer: 1 << 28 }).replace(/\}\s*,?\s*\{/g, '},{')}]`) as Record<string, string | number>[];
  return stored
    .map((f) => line([f.src4_addr ?? f.src6_addr, f.dst4_addr ?? f.dst6_addr, f.src_port ?? 0, f.dst_port ?? 0, f.proto, flags(String(f.tcp_flags)), f.src_tos, f.in_packets, f.in_bytes, f.input_snmp === 0x3fffffff ? 0 : f.input_snmp, f.src_vlan]))
    .sort();
}

const whenPmacct = has('pmacctd') && has('sfcapd') && has('nfdump') ? describe : describe.skip;

whenPmacct('pmacct (needs pmacctd, sfcapd and nfdump)', () => {
  test('every sample of a capture, as nfdump stores it', async () => {
    const six = (last: number): Buffer => bytes([0x20010db8, 4], [0, 8], [last, 4]);
    const frames = Array.from({ length: 3000 }, (_, i) => {
      const udp = bytes([1000 + (i % 700), 2], [53, 2], [8 + 300, 2], [0, 2], Buffer.alloc(300));
      const segment = bytes(tcp(2000 + (i % 900), 443, 0x12), Buffer.alloc(200 + (i % 800)));
      if (i % 3 === 0) return ethernet(0x86dd, ipv6Packet(six(i % 200), six(0xffff), 17, udp, 0x20));
      return ethernet(0x0800, i % 3 === 1 ? ipv4Packet(`10.0.${i % 7}.1`, '192.0.2.9', 6, segment, { tos: 8 }) : ipv4Packet('192.0.2.9', `10.1.${i % 9}.2`, 17, udp), vlan(100 + (i % 5)));
    });
    const u32 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer)));
    writeFileSync(join(folder, 'in.pcap'), Buffer.concat([u32(0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1), ...frames.flatMap((frame, i) => [u32(1_700_000_000 + i, 0, frame.length, frame.length), frame])]));
    writeFileSync(join(folder, 'pmacctd.conf'), `daemonize: false\npcap_savefile: ${join(folder, 'in.pcap')}\nplugins: sfprobe[a]\nsfprobe_receiver[a]: 127.0.0.1:${AGENT_PORT}\nsfprobe_agentip[a]: 192.0.2.55\nsampling_rate[a]: 3\nplugin_buffer_size: 10240\nplugin_pipe_size: 10240000\n`);
    await new Promise((resolve) => start('pmacctd', ['-f', join(folder, 'pmacctd.conf')]).once('exit', resolve));
    const records = decode();
    const flows = records.filter((record) => record.kind === 'flow');
    expect(records.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(new Set(flows.map(({ exporter, samplingRate }) => `${exporter} 1:${samplingRate}`))).toEqual(new Set(['192.0.2.55 1:3']));
    expect(flows.length).toBeGreaterThan(500);
    expect(ours(flows)).toEqual(await nfdumps());
  }, 60_000);
});

const whenSwitch = hasOpenVswitch() && has('sfcapd') && has('nfdump') ? describe : describe.skip;

whenSwitch('Open vSwitch (needs its programs, root, sfcapd and nfdump)', () => {
  let vswitch: OpenVswitch;
  beforeAll(async () => {
    vswitch = await OpenVswitch.start(join(folder, 'ovs'));
  }, 60_000);
  afterAll(() => vswitch.stop(), 30_000);

  test('packets that it switches, and its ports by name', async () => {
    vswitch.vsctl('--', '--id=@s', 'create', 'sFlow', `targets="127.0.0.1:${AGENT_PORT}"`, 'agent=127.0.0.1', 'header=128', 'sampling=1', 'polling=1', '--', 'set', 'bridge', 'br0', 'sflow=@s');
    const count = 40;
    for (let i = 0; i < count; i++) {
      const ip = i % 2 === 0 ? `eth_type(0x0800),ipv4(src=10.0.0.${i},dst=10.9.9.9,proto=17,tos=8,ttl=64,frag=no),udp(src=1234,dst=${50 + i})` : `eth_type(0x86dd),ipv6(src=2001:db8::${i},dst=2001:db8::99,label=0,proto=6,tclass=0,hlimit=64,frag=no),tcp(src=${1000 + i},dst=443),tcp_flags(0x012)`;
      vswitch.receive(`eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:${(10 + i).toString(16)}),${ip}`, 100 + i);
    }
    let records: CaptureRecord[] = [];
    await until(() => {
      records = decode();
      return records.filter(({ kind }) => kind === 'flow').length >= count && records.some((record) => record.kind === 'counters' && record.ifIndex === 1003 && (record.inUnicastPackets ?? 0) >= count);
    });
    const flows = records.filter((record) => record.kind === 'flow');
    expect(records.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(flows).toHaveLength(count);
    const sent = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `10.0.0.${i} ${1234} ${50 + i} 17 0` : `2001:db8::${i} ${1000 + i} 443 6 18`)).sort();
    expect(flows.map(({ srcAddr, srcPort, dstPort, proto, tcpFlags }) => line([srcAddr, srcPort, dstPort, proto, tcpFlags])).sort()).toEqual(sent);
    expect(new Set(flows.map(({ inIf, samplingRate }) => `${inIf} ${samplingRate}`))).toEqual(new Set(['1003 1']));
    const names = records.flatMap((record) => (record.kind === 'counters' ? [`${record.ifIndex} ${record.ifName}`] : []));
    expect(new Set(names)).toEqual(new Set(['1003 p1', '1004 p2']));
    expect(ours(flows)).toEqual(await nfdumps());
  }, 90_000);
});
