import { Exporter } from './exporter';
import type { Flow } from './flow';
import { routerAddress } from './network';

const HEADER = 24;
const RECORD = 48;
const MOST_RECORDS = 30;

/**
 * NetFlow version 5 (Cisco, "NetFlow Services Solutions Guide", table B-3 and B-4): a header of 24 bytes and up to 30
 * records of 48, IPv4 only. The header carries the count of flows sent before, the engine and the sampling interval
 * (2 bits of mode, 14 bits of interval); times in records are milliseconds of uptime.
 */
export class NetFlow5Exporter extends Exporter {
  private readonly records = Buffer.alloc(MOST_RECORDS * RECORD);
  private count = 0;
  private sequence = 0;

  override report(flow: Flow, nowMs: number): void {
    const { records } = this;
    const at = this.count * RECORD;
    records.writeUInt32BE(flow.src.v4, at);
    records.writeUInt32BE(flow.dst.v4, at + 4);
    records.writeUInt32BE(flow.nextHop === 0 ? 0 : routerAddress(flow.nextHop), at + 8);
    records.writeUInt16BE(flow.inIf, at + 12);
    records.writeUInt16BE(flow.outIf, at + 14);
    records.writeUInt32BE(flow.packets, at + 16);
    records.writeUInt32BE(flow.bytes, at + 20);
    records.writeUInt32BE(this.uptime(flow.startMs), at + 24);
    records.writeUInt32BE(this.uptime(flow.endMs), at + 28);
    records.writeUInt16BE(flow.srcPort, at + 32);
    records.writeUInt16BE(flow.dstPort, at + 34);
    records[at + 37] = flow.tcpFlags;
    records[at + 38] = flow.proto;
    records[at + 39] = flow.tos;
    records.writeUInt16BE(flow.src.as, at + 40);
    records.writeUInt16BE(flow.dst.as, at + 42);
    records[at + 44] = flow.src.maskV4;
    records[at + 45] = flow.dst.maskV4;
    this.count++;
    this.held(flow.packets, flow.bytes, nowMs);
    if (this.count === MOST_RECORDS) this.flush(nowMs);
  }

  override flush(nowMs: number): void {
    if (this.count === 0) return;
    const datagram = Buffer.allocUnsafe(HEADER + this.count * RECORD);
    datagram.writeUInt16BE(5, 0);
    datagram.writeUInt16BE(this.count, 2);
    datagram.writeUInt32BE(this.uptime(nowMs), 4);
    datagram.writeUInt32BE(Math.floor(nowMs / 1000) >>> 0, 8);
    datagram.writeUInt32BE((nowMs % 1000) * 1_000_000, 12);
    datagram.writeUInt32BE(this.sequence, 16);
    datagram[20] = 0;
    datagram[21] = this.identity.router;
    datagram.writeUInt16BE(this.identity.sampling > 1 ? (1 << 14) | this.identity.sampling : 0, 22);
    this.records.copy(datagram, HEADER, 0, this.count * RECORD);
    this.sequence = (this.sequence + this.count) >>> 0;
    this.count = 0;
    this.sendHeld(datagram);
  }

  private uptime(timeMs: number): number {
    return (timeMs - this.bootMs) >>> 0;
  }
}
