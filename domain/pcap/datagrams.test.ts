import { CaptureReader, type CapturedDatagram } from './datagrams';

const payload = Buffer.from('flow!');

function udp(body: Buffer, length = 8 + body.length): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(50000, 0);
  header.writeUInt16BE(2055, 2);
  header.writeUInt16BE(length, 4);
  return Buffer.concat([header, body]);
}

function ipv4(body: Buffer, fragment = 0, id = 1): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + body.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(fragment, 6);
  header[9] = 17;
  header.set([192, 0, 2, 1], 12);
  header.set([198, 51, 100, 1], 16);
  return Buffer.concat([header, body]);
}

function ipv6(next: number, body: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(body.length, 4);
  header[6] = next;
  header.set([0x20, 0x01, 0x0d, 0xb8], 8);
  header[23] = 1;
  header.set([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1], 24);
  header[39] = 2;
  return Buffer.concat([header, body]);
}

const ethernet = (etherType: number, body: Buffer): Buffer => Buffer.concat([Buffer.alloc(12), Buffer.from([etherType >> 8, etherType & 255]), body]);

function pcap(frames: readonly Buffer[], { little = true, nano = false, linkType = 1 } = {}): Buffer {
  const u32 = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => (little ? bytes.writeUInt32LE(value, 4 * i) : bytes.writeUInt32BE(value, 4 * i)));
    return bytes;
  };
  const parts = [u32(nano ? 0xa1b23c4d : 0xa1b2c3d4, 0, 0, 0, 65535, linkType)];
  for (const frame of frames) parts.push(u32(1700000000, nano ? 250_000_000 : 250_000, frame.length, frame.length), frame);
  return Buffer.concat(parts);
}

function pcapng(frame: Buffer, little: boolean): Buffer {
  const block = (type: number, ...words: (number | Buffer)[]): Buffer => {
    const body = Buffer.concat(words.map((word) => (typeof word === 'number' ? u32(word) : Buffer.concat([word, Buffer.alloc(-word.length & 3)]))));
    return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
  };
  const u16 = (value: number): Buffer => (little ? Buffer.from([value & 255, value >> 8]) : Buffer.from([value >> 8, value & 255]));
  const u32 = (value: number): Buffer => (little ? Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]) : Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]));
  const nanoseconds = Buffer.concat([u16(9), u16(1), Buffer.from([9, 0, 0, 0]), u16(0), u16(0)]);
  const time = 1700000000250n * 1_000_000n;
  return Buffer.concat([
    block(0x0a0d0d0a, 0x1a2b3c4d, Buffer.concat([u16(1), u16(0)]), 0xffffffff, 0xffffffff),
    block(1, Buffer.concat([u16(1), u16(0)]), 65535, nanoseconds),
    block(5, 0, 0, 0), // interface statistics: skipped
    block(6, 0, Number(time >> 32n), Number(time & 0xffffffffn), frame.length, frame.length, frame),
  ]);
}

function read(file: Buffer): { got: CapturedDatagram[]; reader: CaptureReader; error: unknown } {
  const reader = new CaptureReader(file);
  const got: CapturedDatagram[] = [];
  let error: unknown = null;
  try {
    for (const datagram of reader.datagrams()) got.push(datagram);
  } catch (e) {
    error = e;
  }
  return { got, reader, error };
}

const frame4 = ethernet(0x0800, ipv4(udp(payload)));
const wanted4 = { timestampMs: 1700000000250, srcAddr: '192.0.2.1', srcPort: 50000, dstAddr: '198.51.100.1', dstPort: 2055, payload };

describe('datagrams of a capture', () => {
  test.each([
    ['pcap, little-endian, microseconds', pcap([frame4])],
    ['pcap, big-endian', pcap([frame4], { little: false })],
    ['pcap, nanoseconds', pcap([frame4], { nano: true })],
    ['pcap, big-endian, nanoseconds', pcap([frame4], { little: false, nano: true })],
    ['pcapng, little-endian', pcapng(frame4, true)],
    ['pcapng, big-endian', pcapng(frame4, false)],
    ['802.1Q', pcap([ethernet(0x8100, Buffer.concat([Buffer.from([0, 7, 8, 0]), ipv4(udp(payload))]))])],
    ['QinQ', pcap([ethernet(0x88a8, Buffer.concat([Buffer.from([0, 7, 0x81, 0, 0, 8, 8, 0]), ipv4(udp(payload))]))])],
    ['Linux cooked', pcap([Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), ipv4(udp(payload))])], { linkType: 113 })],
    ['Linux cooked v2', pcap([Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), ipv4(udp(payload))])], { linkType: 276 })],
    ['raw IP', pcap([ipv4(udp(payload))], { linkType: 101 })],
    ['loopback', pcap([Buffer.concat([Buffer.from([2, 0, 0, 0]), ipv4(udp(payload))])], { linkType: 0 })],
  ])('%s', (_name, file) => {
    const { got, error } = read(file);
    expect(error).toBeNull();
    expect(got).toEqual([wanted4]);
  });

  test('IPv6, with an extension header before UDP', () => {
    const options = Buffer.from([17, 0, 1, 4, 0, 0, 0, 0]);
    const { got } = read(pcap([ethernet(0x86dd, ipv6(17, udp(payload))), ethernet(0x86dd, ipv6(0, Buffer.concat([options, udp(payload)])))]));
    expect(got).toHaveLength(2);
    expect(got[1]).toMatchObject({ srcAddr: '2001:db8::1', dstAddr: '2001:db8:0:1::2', dstPort: 2055, payload });
  });

  test('fragments come together in any order; one without partners is counted', () => {
    const whole = udp(Buffer.alloc(3000, 7));
    const pieces = [ipv4(whole.subarray(0, 1480), 0x2000), ipv4(whole.subarray(1480, 2960), 0x2000 | 185), ipv4(whole.subarray(2960), 370)];
    const { got, reader } = read(pcap([pieces[2], pieces[0], ipv4(Buffer.alloc(8), 0x2000, 9), pieces[1]], { linkType: 101 }));
    expect(got.map((d) => d.payload)).toEqual([Buffer.alloc(3000, 7)]);
    expect(reader.counts).toMatchObject({ frames: 4, datagrams: 1, lostFragments: 1 });
  });

  test('padding of short Ethernet frames is no payload', () => {
    expect(read(pcap([Buffer.concat([frame4, Buffer.alloc(13)])])).got[0].payload).toEqual(payload);
  });

  test('other protocols and cut frames are counted', () => {
    const tcp = ipv4(udp(payload));
    tcp[9] = 6;
    const { got, reader } = read(pcap([ethernet(0x0806, Buffer.alloc(28)), ethernet(0x0800, tcp), frame4.subarray(0, 40), ethernet(0x0800, ipv4(udp(payload, 99)))]));
    expect(got).toEqual([]);
    expect(reader.counts).toMatchObject({ frames: 4, otherFrames: 2, cutFrames: 2 });
  });

  test('a truncated file gives what came before the cut, then NW_CAPTURE_UNREADABLE', () => {
    const { got, error } = read(pcap([frame4, frame4]).subarray(0, -3));
    expect(got).toEqual([wanted4]);
    expect(error).toMatchObject({ code: 'NW_CAPTURE_UNREADABLE' });
  });

  test.each([['text', Buffer.from('this is certainly not a capture')], ['nothing', Buffer.alloc(0)]])('%s is no capture', (_name, file) => {
    expect(read(file).error).toMatchObject({ code: 'NW_CAPTURE_UNREADABLE' });
  });

  test('a missing file names its path', () => {
    expect(() => CaptureReader.open('/nowhere/x.pcap')).toThrow(/nowhere\/x\.pcap/);
  });
});
