/** Reads the labelled sets of `../shared/datasets`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LabelledFlow, LabelledSet } from './flows';

const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
const TCP = 6;

const linesOf = (file: string): string[] => gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter((line) => line !== '');

/** CIC-IDS-2017 as corrected by Liu, Engelen et al. (2022), a sample at one rate a class. Flags are of both directions together; which has which follows from the counts. */
export function readCic(folder: string): LabelledSet {
  const [head, ...lines] = linesOf(join(folder, 'flows.csv.gz'));
  const column = new Map(head.split(',').map((name, i) => [name, i]));
  const sampling = JSON.parse(readFileSync(join(folder, 'sampling.json'), 'utf8')) as Record<string, { sampling_rate: number }>;
  const flows = lines.map((line): LabelledFlow => {
    const cells = line.split(',');
    const text = (name: string): string => cells[column.get(name)!];
    const number = (name: string): number => Number(text(name));
    const start = Date.parse(`${text('Timestamp').replace(' ', 'T').slice(0, 23)}Z`);
    const [packets, backPackets] = [number('Total Fwd Packet'), number('Total Bwd packets')];
    const proto = number('Protocol');
    const has = (name: string, flag: number): number => (number(name) > 0 ? flag : 0);
    const shared = proto === TCP ? has('FIN Flag Count', FIN) | has('PSH Flag Count', PSH) : 0;
    // One SYN is the first's; an ACK of the first is one more than those that came back.
    const flags = proto !== TCP ? 0 : has('SYN Flag Count', SYN) | has('Fwd RST Flags', RST) | (packets > 1 && number('ACK Flag Count') > backPackets ? ACK | shared : 0);
    const backFlags = proto !== TCP || backPackets === 0 ? 0 : (number('SYN Flag Count') > 1 ? SYN : 0) | has('Bwd RST Flags', RST) | has('ACK Flag Count', ACK) | (backPackets > 1 ? shared : 0);
    const label = text('Label');
    return {
      start, end: start + Math.round(number('Flow Duration') / 1000), src: text('Src IP'), dst: text('Dst IP'), srcPort: number('Src Port'), dstPort: number('Dst Port'), proto,
      packets, bytes: number('Total Length of Fwd Packet') + 40 * packets, flags, backPackets, backBytes: number('Total Length of Bwd Packet') + 40 * backPackets, backFlags,
      label: label === 'BENIGN' ? '' : label,
    };
  });
  const rates = Object.fromEntries(Object.entries(sampling).map(([label, { sampling_rate }]) => [label === 'BENIGN' ? '' : label, sampling_rate]));
  return { name: 'CIC-IDS-2017, corrected', flows: flows.sort((a, b) => a.start - b.start), rates };
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: TCP, udp: 17, icmp: 1 };

/** What a conn.log's `history` says of the flags of one direction: capitals are of the one who began. */
function flagsOf(history: string, isBack: boolean): number {
  const of = (letter: string): boolean => history.includes(isBack ? letter.toLowerCase() : letter);
  return (of('S') || (isBack && of('H')) ? SYN : 0) | (of('A') || of('D') || (isBack && of('H')) ? ACK : 0) | (of('F') ? FIN : 0) | (of('R') ? RST : 0);
}

type Row = Readonly<Record<string, string | number | undefined>>;

/** A conn.log of Zeek, tab-separated with labels or as JSON lines without; `labelOf` says the class of a row, empty for benign, null to leave it out. */
export function readZeek(file: string, name: string, labelOf: (row: Row) => string | null): LabelledSet {
  const lines = linesOf(file);
  const fields = lines.find((line) => line.startsWith('#fields'))?.split('\t').slice(1);
  const rows = fields === undefined ? lines.map((line) => JSON.parse(line) as Row) : lines.filter((line) => !line.startsWith('#')).map((line): Row => Object.fromEntries(line.split('\t').map((cell, i) => [fields[i], cell === '-' ? undefined : cell])));
  const flows = rows.flatMap((row): LabelledFlow[] => {
    const label = labelOf(row);
    const proto = PROTOCOLS[String(row.proto)];
    if (label === null || proto === undefined) return [];
    const number = (field: string): number => Number(row[field] ?? 0) || 0;
    const start = Math.round(1000 * number('ts'));
    const history = String(row.history ?? '');
    const flags = (isBack: boolean): number => (proto === TCP ? flagsOf(history, isBack) : 0);
    return [{
      start, end: start + Math.round(1000 * number('duration')), src: String(row['id.orig_h']), dst: String(row['id.resp_h']), srcPort: number('id.orig_p'), dstPort: number('id.resp_p'), proto,
      packets: number('orig_pkts'), bytes: number('orig_ip_bytes'), flags: flags(false), backPackets: number('resp_pkts'), backBytes: number('resp_ip_bytes'), backFlags: flags(true), label,
    }];
  });
  return { name, flows: flows.sort((a, b) => a.start - b.start), rates: {} };
}

/** The sets that are there, under `datasets`. */
export function labelledSets(datasets: string): LabelledSet[] {
  const sets: LabelledSet[] = [];
  const cic = join(datasets, 'flows-cicids2017-improved');
  if (existsSync(cic)) sets.push(readCic(cic));
  const zeek = join(datasets, 'flows-zeek-labelled');
  if (!existsSync(zeek)) return sets;
  const scanner = '172.16.1.11';
  sets.push(readZeek(join(zeek, '002_nmap-scans.conn.json.gz'), 'Nmap in a laboratory', (row) => (row['id.orig_h'] === scanner && row['id.resp_h'] !== '8.8.8.8' ? 'Port scan' : '')));
  const exposed = (row: Row): string | null => (row.label === 'Malicious' ? 'Scans from outside' : '');
  sets.push(readZeek(join(zeek, '008_ctu-normal-40_day1.conn.log.labeled.gz'), 'exposed host, day 1', exposed));
  sets.push(readZeek(join(zeek, '010_ctu-normal-42_day2.conn.log.labeled.gz'), 'exposed host, day 2', exposed));
  return sets;
}
