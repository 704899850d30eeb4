/** Length of the header of a NetFlow v5 datagram, and of each of its records. Bytes. */
const HEADER = 24;
const RECORD = 48;
/** Most records that a datagram carries. */
export const MOST_RECORDS = 30;

/** A datagram with `count` records, none like that of another `sequence`; record i has 1000 + i bytes in 10 packets. */
export function netflow5(sequence: number, count: number, nowMs: number): Buffer {
  const datagram = Buffer.alloc(HEADER + count * RECORD);
  const uptimeMs = 3_600_000;
  datagram.writeUInt16BE(5, 0);
  datagram.writeUInt16BE(count, 2);
  datagram.writeUInt32BE(uptimeMs, 4);
  datagram.writeUInt32BE(Math.floor(nowMs / 1000), 8);
  datagram.writeUInt32BE((nowMs % 1000) * 1_000_000, 12);
  datagram.writeUInt32BE(sequence, 16);
  for (let i = 0; i < count; i++) {
    const at = HEADER + i * RECORD;
    const flow = sequence + i;
    datagram.writeUInt32BE(0x0a000000 + flow, at); // source 10.x.y.z
    datagram.writeUInt32BE(0xc6336401, at + 4); // destination 198.51.100.1
    datagram.writeUInt16BE(3, at + 12); // input interface
    datagram.writeUInt16BE(4, at + 14); // output interface
    datagram.writeUInt32BE(10, at + 16);
    datagram.writeUInt32BE(1000 + i, at + 20);
    datagram.writeUInt32BE(uptimeMs - 2000, at + 24);
    datagram.writeUInt32BE(uptimeMs - 1000, at + 28);
    datagram.writeUInt16BE(1024 + (flow % 60000), at + 32);
    datagram.writeUInt16BE(443, at + 34);
    datagram[at + 38] = 6; // TCP
  }
  return datagram;
}

/** Sum of the bytes that a datagram of `count` records reports. */
export const bytesOf = (count: number): number => count * 1000 + (count * (count - 1)) / 2;
