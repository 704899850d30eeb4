import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBinetflow } from './binetflow';
import { readCic } from './cic';
import { ACK, FIN, ICMP, ICMP6, PSH, RST, SYN } from './flows';
import { labelledSets } from './sets';
import { readZeek } from './zeek';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelled-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
  return path;
};

describe('CIC-IDS-2017', () => {
  const HEAD = 'Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Total Fwd Packet,Total Bwd packets,Total Length of Fwd Packet,Total Length of Bwd Packet,FIN Flag Count,SYN Flag Count,PSH Flag Count,ACK Flag Count,Fwd RST Flags,Bwd RST Flags,Label';
  const read = (): ReturnType<typeof readCic> => {
    put('cic/flows.csv.gz', [HEAD,
      '10.0.0.1,4000,10.0.0.2,80,6,2017-07-05 13:43:23.198765,2000000,5,4,300,9000,2,2,3,8,0,0,DoS Hulk',
      '10.0.0.1,4001,10.0.0.2,81,6,2017-07-05 13:43:20.000000,10,1,1,0,0,0,1,0,1,0,1,Portscan',
      '10.0.0.3,5000,10.0.0.4,53,17,2017-07-05 13:43:24.000000,0,1,1,30,60,0,0,0,0,0,0,BENIGN',
    ]);
    writeFileSync(join(folder, 'cic/sampling.json'), JSON.stringify({ BENIGN: { full_count_in_source: 200, sampling_rate: 0.9 }, 'DoS Hulk': { full_count_in_source: 4 }, Portscan: { full_count_in_source: 1 } }));
    return readCic(join(folder, 'cic'));
  };

  test('flows in the order of their beginning, with the flags that each side must have sent', () => {
    const { flows } = read();
    expect(flows.map(({ label }) => label)).toEqual(['Portscan', 'DoS Hulk', '']);
    expect(flows[0]).toMatchObject({ dstPort: 81, flags: SYN, backFlags: RST | ACK, packets: 1, bytes: 40 });
    expect(flows[1]).toMatchObject({ start: Date.UTC(2017, 6, 5, 13, 43, 23, 198), end: Date.UTC(2017, 6, 5, 13, 43, 25, 198), flags: SYN | ACK | FIN | PSH, backFlags: SYN | ACK | FIN | PSH, bytes: 500, backBytes: 9160 });
    expect(flows[2]).toMatchObject({ proto: 17, flags: 0, backFlags: 0 });
  });

  test('the rate of a class is what is there of all there were', () => expect(read().rates).toEqual({ '': 1 / 200, 'DoS Hulk': 1 / 4, Portscan: 1 }));
});

describe('binetflow', () => {
  const HEAD = 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes';
  const readAll = (name: string, head: string, lines: readonly string[]): ReturnType<typeof readBinetflow>['flows'] => readBinetflow(put(name, [head, ...lines]), name, ({ Label }) => (Label === 'odd' ? null : (Label ?? ''))).flows;

  test('flags of both sides, bytes without Ethernet, packets of each where they are told', () => {
    expect(readAll('told.gz', `${HEAD},SrcPkts,Label`, [
      '1970/01/01 01:00:08.140073,1.5,tcp,10.0.0.1,4000,->,10.0.0.2,443,FSPA_FSRA,0,0,10,2000,1200,6,evil',
      '1970/01/01 01:00:07.000000,0.0,udp,10.0.0.1,4000,->,10.0.0.2,53,INT,0,,1,60,60,1,',
    ])).toMatchObject([
      { start: 3_607_000, proto: 17, packets: 1, bytes: 46, backPackets: 0, backBytes: 0, flags: 0, label: '' },
      { start: 3_608_140, end: 3_609_640, src: '10.0.0.1', dst: '10.0.0.2', srcPort: 4000, dstPort: 443, packets: 6, bytes: 1200 - 84, flags: FIN | SYN | PSH | ACK, backPackets: 4, backBytes: 800 - 56, backFlags: FIN | SYN | RST | ACK, label: 'evil' },
    ]);
  });

  test('packets that are told together are divided as the bytes are, and none is left without', () => {
    const row = (all: number, bytes: number, src: number, state = 'S_RA'): string => `1970/01/01 01:00:00.000000,0,tcp,10.0.0.1,1,->,10.0.0.2,2,${state},0,0,${all},${bytes},${src},`;
    expect(readAll('together.gz', `${HEAD},Label`, [row(10, 1000, 300), row(2, 2000, 1), row(3, 180, 180, 'S_')]).map(({ packets, backPackets, backFlags }) => [packets, backPackets, backFlags])).toEqual([[3, 7, RST | ACK], [1, 1, RST | ACK], [3, 0, 0]]);
  });

  test('type and code of ICMP are in the place of the port; what is not IP, or not wanted, is left out', () => {
    const row = (proto: string, sport: string, label = ''): string => `1970/01/01 01:00:00.000000,0,${proto},10.0.0.1,${sport},->,10.0.0.2,0x2d34,ECO,0,0,2,156,78,${label}`;
    expect(readAll('icmp.gz', `${HEAD},Label`, [row('icmp', '0x0008'), row('icmp', '0x0303'), row('ipv6-icmp', '0x0080'), row('arp', ''), row('llc', '0'), row('man', '0'), row('icmp', '0x0008', 'odd')]).map(({ proto, srcPort, dstPort }) => [proto, srcPort, dstPort])).toEqual([[ICMP, 0, 0x800], [ICMP, 0, 0x303], [ICMP6, 0, 0x8000]]);
  });
});

describe('Zeek', () => {
  const FIELDS = '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\tlabel';
  test('a conn.log with labels: flags by the history', () => {
    const path = put('conn.log.gz', ['#separator \\x09', FIELDS, '2.5\tC1\t10.0.0.1\t4000\t10.0.0.2\t80\ttcp\t1.25\tShADadFf\t5\t400\t4\t4000\tMalicious', '1.0\tC2\t10.0.0.1\t4001\t10.0.0.2\t81\ttcp\t-\tSr\t1\t40\t1\t40\tBenign', '#close']);
    expect(readZeek(path, 'z', ({ label }) => (label === 'Malicious' ? 'scan' : '')).flows).toMatchObject([
      { start: 1000, end: 1000, flags: SYN, backFlags: RST, label: '' },
      { start: 2500, end: 3750, srcPort: 4000, dstPort: 80, flags: SYN | ACK | FIN, backFlags: SYN | ACK | FIN, packets: 5, backBytes: 4000, label: 'scan' },
    ]);
  });

  test('JSON lines; a request of ICMP has no code where its answer has a type', () => {
    const row = (orig: number, resp: number, src = '10.0.0.1'): string => JSON.stringify({ ts: 1, 'id.orig_h': src, 'id.orig_p': orig, 'id.resp_h': '10.0.0.2', 'id.resp_p': resp, proto: 'icmp', orig_pkts: 1, orig_ip_bytes: 84 });
    expect(readZeek(put('conn.json.gz', [row(8, 0), row(17, 18), row(3, 1), row(128, 129, 'fe80::1')]), 'z', () => '').flows.map(({ proto, dstPort }) => [proto, dstPort])).toEqual([[ICMP, 0x800], [ICMP, 0x1100], [ICMP, 0x301], [ICMP6, 0x8000]]);
  });
});

test('sets that are not there are left out', () => {
  const datasets = join(folder, 'some');
  expect(labelledSets(datasets)).toEqual([]);
  put('some/flows-mcfp-binetflow/2018-05-10_labelled_malware_background.csv.gz', [
    'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,SrcPkts,Label',
    '1970/01/01 01:00:00.000000,0.1,udp,10.0.2.15,1,<->,8.8.8.8,53,CON,0,0,2,200,80,1,flow=Malware-UDP-DNS',
    '1970/01/01 01:00:00.000000,0.1,udp,10.0.2.15,1,<->,8.8.8.8,53,CON,0,0,2,200,80,1,flow=Background-UDP-DNS',
  ]);
  expect(labelledSets(datasets).map(({ name, flows }) => [name, flows.map(({ label }) => label)])).toEqual([['malware and background, 2018', ['Malware', '']]]);
});
