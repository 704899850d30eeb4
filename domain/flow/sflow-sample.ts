/** One flow sample of sFlow as a row: what its records say, gathered in numbers, and the code that writes it. */
import type { FlowPartitions } from './batch-builder';
import type { Extras } from './extra';
import type { PacketHeader } from './packet-header';
import { HELPERS, rowCode, type NumberCode } from './row-code';
import { finish, type Finishing } from './row-finish';
import { detailOf, type TunnelMode, type Tunnels } from './tunnels';

/** What a flow sample says beside the packet's own header. Addresses are offsets into the datagram. */
export class FlowSample {
  rate = 0;
  /** Length of the frame, in bytes. */
  length = 0;
  /** True where `length` is the frame's, false where it is the IP packet's. */
  framed = false;
  inIf = 0;
  outIf = 0;
  nextHopAt = 0;
  nextHopLength = 0;
  srcAs = 0;
  dstAs = 0;
  srcMask = 0;
  dstMask = 0;
  /** -1 where no record says. */
  vlan = -1;
  /** Tunnel that the device takes the packet out of or puts it into, as its records say; kind as {@link Tunnels.kind}. */
  tunnel = 0;
  tunnelId = 0;
  receiveMs = 0;

  /** Forgets what the records of the last sample said. */
  clear(): void {
    this.length = this.nextHopLength = this.srcAs = this.dstAs = this.srcMask = this.dstMask = this.tunnel = this.tunnelId = 0;
    this.vlan = -1;
    this.framed = false;
  }
}

/** Writes a sample's row: `s` and `v` the datagram, `f` the sample, `o` its packet, `z` the tunnels in it (read already; none where the mode is `outer`). */
export type SampleWriter = (s: Uint8Array, v: DataView, f: FlowSample, o: PacketHeader, z: Tunnels | null, out: FlowPartitions) => void;

const word = (text: string): NumberCode => ({ text, max: 0xffffffff });
const short = (text: string): NumberCode => ({ text, max: 65535 });

/** Makes the writer for a mode, with the extra elements of a sample where there are some; see `row-code.ts`. */
export function sampleWriter(tunnels: TunnelMode, extras: Extras | null, finishing: Finishing): SampleWriter {
  const detail = detailOf(tunnels, 'z', { kind: 'f.tunnel', id: 'f.tunnelId' });
  const { before, row } = finish({
    srcAddr: { at: 'k.srcAt', length: 'k.addressLength' },
    dstAddr: { at: 'k.dstAt', length: 'k.addressLength' },
    nextHop: { at: 'f.nextHopAt', length: 'f.nextHopLength' },
    srcPort: short('k.srcPort'),
    dstPort: short('k.dstPort'),
    proto: { text: 'k.proto', max: 255 },
    tcpFlags: { text: 'k.tcpFlags', max: 255 },
    tos: { text: 'k.tos', max: 255 },
    packets: { text: '1', max: 1 },
    bytes: word('f.length'),
    samplingRate: word('f.rate'),
    start: 'f.receiveMs',
    end: 'f.receiveMs',
    inIf: word('f.inIf'),
    outIf: word('f.outIf'),
    srcAs: word('f.srcAs'),
    dstAs: word('f.dstAs'),
    srcMask: { text: 'f.srcMask', max: 255 },
    dstMask: { text: 'f.dstMask', max: 255 },
    vlan: short('(f.vlan < 0 ? o.vlan : f.vlan)'),
    direction: { text: '0', max: 0 },
    detail: extras ? { ...detail, present: ['x.count > 0', ...(detail?.present ?? [])], extra: 'p = x.write(b, p);' } : detail,
  }, finishing);
  return new Function('H', 'x', 'P', 'A', `return function writeSample(s, v, f, o, z, out) { const k = ${tunnels === 'inner' ? 'z.flow' : 'o'}; ${before}${rowCode(row)}\n}`)(HELPERS, extras, finishing.places, finishing.anonymiser) as SampleWriter;
}
