/** CIC-IDS-2017 as corrected by Liu, Engelen et al., "Error prevalence in NIDS datasets" (2022): a sample at one rate a class. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACK, FIN, linesOf, PSH, RST, SYN, TCP, type LabelledFlow, type LabelledSet } from './flows';

const BENIGN = 'BENIGN';
/** What the set says of bytes is payload: headers of IP and TCP; unit: bytes. */
const HEADERS = 40;

/** Reads the set in a folder. Flags are of both directions together; which has which follows from the counts. */
export function readCic(folder: string): LabelledSet {
  const [head, ...lines] = linesOf(join(folder, 'flows.csv.gz'));
  const column = new Map(head.split(',').map((name, i) => [name, i]));
  const sampling = JSON.parse(readFileSync(join(folder, 'sampling.json'), 'utf8')) as Record<string, { full_count_in_source: number }>;
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
      packets, bytes: number('Total Length of Fwd Packet') + HEADERS * packets, flags, backPackets, backBytes: number('Total Length of Bwd Packet') + HEADERS * backPackets, backFlags,
      label: label === BENIGN ? '' : label,
    };
  });
  // Which part of a class is there follows from how many are: of some the samples that the set was put together from overlap.
  const counts = new Map<string, number>();
  for (const { label } of flows) counts.set(label, (counts.get(label) ?? 0) + 1);
  const rates = Object.fromEntries([...counts].map(([label, count]) => [label, count / sampling[label === '' ? BENIGN : label].full_count_in_source]));
  return { name: 'CIC-IDS-2017, corrected', flows: flows.sort((a, b) => a.start - b.start), rates };
}
