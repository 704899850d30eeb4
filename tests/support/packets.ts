/** A packet capture made here: seeded TCP, UDP and ICMP conversations over IPv4 and IPv6, for exporters to meter. */

/** A classic pcap of `count` Ethernet frames. The same seed makes the same bytes. */
export function packetCapture(count: number, seed: number): Buffer {
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20); // Ethernet
  const parts: Buffer[] = [header];
  const startSeconds = 1_760_000_000;
  for (let i = 0; i < count; i++) {
    const conversation = random(400);
    const frame = ethernet(conversation, 20 + random(900), random(8) === 0);
    const micros = i * 2500;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(startSeconds + Math.floor(micros / 1e6), 0);
    record.writeUInt32LE(micros % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    parts.push(record, frame);
  }
  return Buffer.concat(parts);
}

const PROTOCOLS = [6, 17, 6, 1];

function ethernet(conversation: number, payload: number, last: boolean): Buffer {
  const six = conversation % 5 === 0;
  const proto = PROTOCOLS[conversation % 4] === 1 && six ? 17 : PROTOCOLS[conversation % 4];
  const transport = layer4(proto, conversation, payload, last);
  const link = Buffer.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, six ? 0x86 : 0x08, six ? 0xdd : 0x00]);
  return Buffer.concat([link, six ? ipv6(proto, conversation, transport.length) : ipv4(proto, conversation, transport.length), transport]);
}

function ipv4(proto: number, conversation: number, length: number): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip[1] = (conversation % 3) * 32;
  ip.writeUInt16BE(20 + length, 2);
  ip[8] = 64;
  ip[9] = proto;
  ip.set([10, 1, conversation >> 8, conversation & 255], 12);
  ip.set([192, 0, 2, 1 + (conversation % 50)], 16);
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ip.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  ip.writeUInt16BE(~sum & 0xffff, 10);
  return ip;
}

function ipv6(proto: number, conversation: number, length: number): Buffer {
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(length, 4);
  ip[6] = proto;
  ip[7] = 64;
  ip.set([0x20, 0x01, 0x0d, 0xb8, 0, 1], 8);
  ip.writeUInt16BE(1 + conversation, 22);
  ip.set([0x20, 0x01, 0x0d, 0xb8, 0, 2], 24);
  ip.writeUInt16BE(1 + (conversation % 50), 38);
  return ip;
}

function layer4(proto: number, conversation: number, payload: number, last: boolean): Buffer {
  const header = Buffer.alloc(proto === 6 ? 20 : 8);
  if (proto === 1) {
    header[0] = conversation % 2 === 0 ? 8 : 3;
    header[1] = header[0] === 3 ? conversation % 4 : 0;
  } else {
    header.writeUInt16BE(20_000 + conversation, 0);
    header.writeUInt16BE([443, 53, 80, 8080][conversation % 4], 2);
  }
  if (proto === 6) {
    header[12] = 0x50;
    header[13] = last ? 0x11 : 0x18; // FIN+ACK, or PSH+ACK
  }
  if (proto === 17) header.writeUInt16BE(8 + payload, 4);
  return Buffer.concat([header, Buffer.alloc(payload)]);
}
