/** Flows as Zeek has them: conn.log. */
import { ACK, FIN, ICMP, ICMP6, linesOf, RST, SYN, TCP, UDP, type LabelledFlow, type LabelledSet } from './flows';

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP, icmp: ICMP };
/** Requests of ICMP that Zeek writes with the type of their answer, where others have their code: echo, timestamp, information, address mask; ICMPv6: echo, and what is asked of routers and neighbours. */
const PAIRED = new Set([8, 13, 15, 17, 128, 133, 135]);

/** What a conn.log's `history` says of the flags of one direction: capitals are of the one who began. */
function flagsOf(history: string, isBack: boolean): number {
  const of = (letter: string): boolean => history.includes(isBack ? letter.toLowerCase() : letter);
  return (of('S') || (isBack && of('H')) ? SYN : 0) | (of('A') || of('D') || (isBack && of('H')) ? ACK : 0) | (of('F') ? FIN : 0) | (of('R') ? RST : 0);
}

/** A row of a conn.log by the names of its fields. */
export type ZeekRow = Readonly<Record<string, string | number | undefined>>;

/** A conn.log, tab-separated or as JSON lines; `labelOf` says the class of a row, empty for benign, null to leave it out. */
export function readZeek(file: string, name: string, labelOf: (row: ZeekRow) => string | null): LabelledSet {
  const lines = linesOf(file);
  const fields = lines.find((line) => line.startsWith('#fields'))?.split('\t').slice(1);
  const rows = fields === undefined ? lines.map((line) => JSON.parse(line) as ZeekRow) : lines.filter((line) => !line.startsWith('#')).map((line): ZeekRow => Object.fromEntries(line.split('\t').map((cell, i) => [fields[i], cell === '-' ? undefined : cell])));
  const flows = rows.flatMap((row): LabelledFlow[] => {
    const label = labelOf(row);
    const src = String(row['id.orig_h']);
    const proto = row.proto === 'icmp' && src.includes(':') ? ICMP6 : PROTOCOLS[String(row.proto)];
    if (label === null || proto === undefined) return [];
    const number = (field: string): number => Number(row[field] ?? 0) || 0;
    const start = Math.round(1000 * number('ts'));
    const history = String(row.history ?? '');
    const flags = (isBack: boolean): number => (proto === TCP ? flagsOf(history, isBack) : 0);
    const [from, to] = [number('id.orig_p'), number('id.resp_p')];
    // Exporters have type and code of ICMP in the place of the destination's port.
    const ports = proto === ICMP || proto === ICMP6 ? { srcPort: 0, dstPort: 256 * from + (PAIRED.has(from) ? 0 : to) } : { srcPort: from, dstPort: to };
    return [{
      start, end: start + Math.round(1000 * number('duration')), src, dst: String(row['id.resp_h']), ...ports, proto,
      packets: number('orig_pkts'), bytes: number('orig_ip_bytes'), flags: flags(false), backPackets: number('resp_pkts'), backBytes: number('resp_ip_bytes'), backFlags: flags(true), label,
    }];
  });
  return { name, flows: flows.sort((a, b) => a.start - b.start), rates: {} };
}
