import { ANONYMISED, Anonymiser, KEY_BYTES } from './anonymise';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { bytes, ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, sampledHeader, set, sflow5, tcp, template } from './fixtures';
import { flowHash, flowPartition } from './hash';
import { ConfiguredRates } from './sampling';
import { Scratch } from './scratch';
import { addressBytes } from './prefix';
import { decodeFlowBatch, type Flow } from '../../schemas';

/** Key and trace of the authors' sample program. */
const KEY = Buffer.from([21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2]);

describe('Crypto-PAn', () => {
  test.each([
    ['128.11.68.132', '135.242.180.132'],
    ['129.118.74.4', '134.136.186.123'],
    ['130.132.252.244', '133.68.164.234'],
    ['141.223.7.43', '141.167.8.160'],
    ['141.233.145.108', '141.129.237.235'],
    ['152.163.225.39', '151.140.114.167'],
    ['192.102.249.13', '252.138.62.131'],
    ['24.0.250.221', '100.15.198.226'],
  ])('%s becomes %s, as in the sample of its authors', (plain, anonymous) => {
    expect(new Anonymiser(KEY).text(plain)).toBe(anonymous);
  });

  test('keeps prefixes: as many bits in common after it as before, IPv4 and IPv6', () => {
    const anonymiser = new Anonymiser(Buffer.alloc(KEY_BYTES, 7));
    let seed = 1;
    const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
    const common = (a: Uint8Array, b: Uint8Array): number => {
      for (let i = 0; i < 8 * a.length; i++) if (((a[i >> 3] ^ b[i >> 3]) >> (7 - (i & 7))) & 1) return i;
      return 8 * a.length;
    };
    const show = (address: Uint8Array): string => (address.length === 4 ? [...address].join('.') : Array.from({ length: 8 }, (_, i) => ((address[2 * i] << 8) | address[2 * i + 1]).toString(16)).join(':'));
    for (const length of [4, 16]) {
      for (let i = 0; i < 200; i++) {
        const one = Uint8Array.from({ length }, () => random() >>> 24);
        const other = Uint8Array.from(one);
        const bit = (random() >>> 8) % (8 * length);
        other[bit >> 3] ^= 128 >> (bit & 7);
        for (let j = (bit >> 3) + 1; j < length; j++) other[j] = random() >>> 24;
        const [a, b] = [one, other].map((address) => Uint8Array.from(addressBytes(anonymiser.text(show(address)))));
        expect(common(a, b)).toBe(bit);
      }
    }
  });

  test('refuses a key of another length', () => {
    expect(() => new Anonymiser(Buffer.alloc(16))).toThrow(RangeError);
  });

  test('leaves alone what is no address', () => {
    expect(new Anonymiser(KEY).text('')).toBe('');
  });

  test('gives the same however many addresses came in between', () => {
    const anonymiser = new Anonymiser(KEY);
    for (let i = 0; i < 140_000; i++) anonymiser.text(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
    expect(anonymiser.text('128.11.68.132')).toBe('135.242.180.132');
    expect(anonymiser.text('10.0.0.1')).toBe(new Anonymiser(KEY).text('10.0.0.1'));
  });

  test('its results lie where no datagram reaches', () => {
    expect(Math.min(...Object.values(ANONYMISED))).toBeGreaterThanOrEqual(Scratch.SIZE);
    expect(Math.max(...Object.values(ANONYMISED)) + 16).toBeLessThanOrEqual(new Scratch().bytes.length);
  });
});

describe('rows', () => {
  const anonymiser = new Anonymiser(KEY);
  const FLOW = { src: '128.11.68.132', dst: '129.118.74.4', nextHop: '192.0.2.99', srcPort: 1, dstPort: 2 };

  function decode(...datagrams: Buffer[]): { partition: number; flow: Flow }[] {
    const partitions = new FlowPartitions(4);
    const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 20 }, { fault: (_source, fault) => { throw new Error(fault); } }, { tunnels: 'both', finishing: { places: null, anonymiser } });
    datagrams.forEach((datagram, i) => decoder.decode(datagram, decoder.sources.of('192.0.2.1', 1), 0, i));
    return partitions.builders.flatMap((builder) => decodeFlowBatch(builder.take(1)).flows.map((flow) => ({ partition: builder.partition, flow })));
  }

  test.each([
    ['NetFlow v5', [netflow5([FLOW])]],
    ['IPFIX', [ipfix([set(2, template(256, [[8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [15, 4]])), set(256, bytes(ip4(FLOW.src), ip4(FLOW.dst), [1, 2], [2, 2], [6, 1], ip4(FLOW.nextHop)))])]],
    ['sFlow', [sflow5([flowSample([sampledHeader(ethernet(0x0800, ipv4Packet(FLOW.src, FLOW.dst, 6, tcp(1, 2))))])])]],
  ])('of %s hold anonymised ends, and lie in the partition of these', (_, datagrams) => {
    const [{ partition, flow }] = decode(...datagrams);
    expect([flow.srcAddr, flow.dstAddr]).toEqual(['135.242.180.132', '134.136.186.123']);
    if (flow.nextHop !== '') expect(flow.nextHop).toBe('192.0.2.99');
    const word = (address: string): number => Buffer.from(addressBytes(address)).readInt32BE(0);
    expect(partition).toBe(flowPartition(flowHash(word(flow.srcAddr), word(flow.dstAddr), 1, 2, 6), 4));
  });

  test('the packet in a tunnel too', () => {
    const inner = ipv4Packet('141.223.7.43', '141.233.145.108', 6, tcp(5, 6));
    const [{ flow }] = decode(sflow5([flowSample([sampledHeader(ethernet(0x0800, ipv4Packet(FLOW.src, FLOW.dst, 4, inner)))])]));
    expect(flow.detail).toMatchObject({ tunnel: 'IPIP', innerSrcAddr: '141.167.8.160', innerDstAddr: '141.129.237.235' });
    expect(flow.srcAddr).toBe('135.242.180.132');
  });
});
