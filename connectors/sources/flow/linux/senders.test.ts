import { Senders } from './senders';
import { addressAt, portAt, writeSockaddr } from './sockaddr';

const memory = new ArrayBuffer(64);
const words = new Int32Array(memory);
const view = new DataView(memory);
const AT = 32;
const peerOf = (senders: Senders, address: string, port: number) => {
  writeSockaddr(view, AT, address, port, () => 7);
  return senders.of(words, view, AT);
};

describe('socket addresses', () => {
  test.each(['0.0.0.0', '192.0.2.255', '::', '::1', '2001:db8::5', 'fe80::1%999'])('%s is read as it was written', (address) => {
    writeSockaddr(view, AT, address, 2055, () => 0);
    expect([addressAt(view, AT), portAt(view, AT)]).toEqual([address, 2055]);
  });

  test('an IPv4-mapped one is read as IPv4, a zone by its interface', () => {
    expect(writeSockaddr(view, AT, '::ffff:192.0.2.1', 1, () => 0)).toBe(28);
    expect(addressAt(view, AT)).toBe('192.0.2.1');
    writeSockaddr(view, AT, 'fe80::1%somewhere', 1, (name) => (name === 'somewhere' ? 4242 : 0));
    expect(addressAt(view, AT)).toBe('fe80::1%4242');
  });

  test('what is none is said to be none', () => {
    expect(() => writeSockaddr(view, AT, 'router-1', 1, () => 0)).toThrow('EINVAL');
  });
});

describe('senders by the bytes of their address', () => {
  test('are one object each, by address, port and zone', () => {
    const senders = new Senders();
    const all = [['192.0.2.1', 1], ['192.0.2.1', 2], ['192.0.2.2', 1], ['2001:db8::1', 1], ['2001:db8::2', 1], ['fe80::1%5', 1], ['fe80::1%6', 1]] as const;
    const peers = all.map(([address, port]) => peerOf(senders, address, port));
    expect(new Set(peers).size).toBe(all.length);
    expect(peers).toEqual(all.map(([address, port]) => ({ address, port })));
    all.forEach(([address, port], i) => expect(peerOf(senders, address, port)).toBe(peers[i]));
  });

  test('are the same whatever flow label and padding stand beside the address', () => {
    const senders = new Senders();
    const six = peerOf(senders, '2001:db8::1', 1);
    view.setUint32(AT + 4, 0x12345);
    expect(senders.of(words, view, AT)).toBe(six);
    const four = peerOf(senders, '192.0.2.1', 1);
    view.setUint32(AT + 8, 0x12345);
    expect(senders.of(words, view, AT)).toBe(four);
  });

  test('in great number are still told apart', () => {
    const senders = new Senders(20_000);
    const peers = Array.from({ length: 20_000 }, (_, i) => peerOf(senders, `10.0.${(i >> 8) & 15}.${i & 255}`, 1000 + (i >> 12)));
    expect(new Set(peers.map(({ address, port }) => `${address} ${port}`)).size).toBe(20_000);
    const again = peers.filter((peer) => peerOf(senders, peer.address, peer.port) === peer);
    expect(again.length).toBe(20_000);
  });

  test('are all forgotten when there are too many: memory is bounded', () => {
    const senders = new Senders(100);
    const first = peerOf(senders, '192.0.2.1', 0);
    for (let port = 1; port < 100; port++) peerOf(senders, '192.0.2.1', port);
    expect(peerOf(senders, '192.0.2.1', 0)).toBe(first);
    peerOf(senders, '192.0.2.1', 100);
    expect(peerOf(senders, '192.0.2.1', 0)).not.toBe(first);
  });
});
