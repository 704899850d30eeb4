/** Bidirectional flows as Argus has them, with labels: the binetflow files of the Stratosphere laboratory. */
import { ACK, FIN, ICMP, ICMP6, linesOf, PSH, RST, SYN, TCP, UDP, type LabelledFlow, type LabelledSet } from './flows';

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP, icmp: ICMP, 'ipv6-icmp': ICMP6 };
const FLAGS: Readonly<Record<string, number>> = { F: FIN, S: SYN, R: RST, P: PSH, A: ACK };
/** Bytes are those of Ethernet; its header; unit: bytes. */
const ETHERNET = 14;

/** A row by the names of its columns. */
export type BinetflowRow = Readonly<Record<string, string>>;

/** Flags of a direction: letters of the state, of the source before the underscore. */
const flagsOf = (letters = ''): number => [...letters].reduce((flags, letter) => flags | (FLAGS[letter] ?? 0), 0);

/** '1970/01/01 01:00:08.140073' as milliseconds; a zone is not told. */
const timeOf = (text: string): number => Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T').slice(0, 23)}Z`);

/**
 * A file of comma-separated columns; `labelOf` says the class of a row, empty for benign, null to leave it out. What is not IP is left out. Where packets are told of both directions
 * together alone they are divided as the bytes are; each direction that has bytes has one.
 */
export function readBinetflow(file: string, name: string, labelOf: (row: BinetflowRow) => string | null): LabelledSet {
  const [head, ...lines] = linesOf(file);
  const names = head.split(',');
  const flows = lines.flatMap((line): LabelledFlow[] => {
    const cells = line.split(',');
    const row: BinetflowRow = Object.fromEntries(names.map((column, i) => [column, cells[i] ?? '']));
    const proto = PROTOCOLS[row.Proto];
    const label = proto === undefined ? null : labelOf(row);
    if (label === null) return [];
    const [all, allBytes, srcBytes] = [Number(row.TotPkts), Number(row.TotBytes), Number(row.SrcBytes)];
    const back = allBytes - srcBytes;
    const packets = Number(row.SrcPkts) || (back === 0 ? all : srcBytes === 0 ? 0 : Math.min(all - 1, Math.max(1, Math.round((all * srcBytes) / allBytes))));
    const [srcFlags, backFlags] = proto === TCP ? row.State.split('_').map(flagsOf) : [0, 0];
    const start = timeOf(row.StartTime);
    // Of ICMP the source's port is type and code, lowest byte first, of whoever sent the first packet.
    const typeAndCode = Number(row.Sport) || 0;
    const ports = proto === ICMP || proto === ICMP6 ? { srcPort: 0, dstPort: 256 * (typeAndCode & 255) + (typeAndCode >> 8) } : { srcPort: Number(row.Sport) || 0, dstPort: Number(row.Dport) || 0 };
    return [{
      start, end: start + Math.round(1000 * Number(row.Dur)), src: row.SrcAddr, dst: row.DstAddr, ...ports, proto, packets, bytes: srcBytes - ETHERNET * packets, flags: srcFlags,
      backPackets: all - packets, backBytes: back - ETHERNET * (all - packets), backFlags: backFlags ?? 0, label,
    }];
  });
  return { name, flows: flows.sort((a, b) => a.start - b.start), rates: {} };
}
