import { Admission, REFUSED, THINNED_OUT, type AdmissionLimits } from './admission';
import { bytes, counterSample, flowSample, ipfix, netflow5, netflow9, optionsTemplate9, set, sflow5, template } from './fixtures';
import { ConfiguredRates } from './sampling';
import { addressBytes } from './prefix';
import { Sources } from './sources';

const sources = (): Sources => new Sources(new ConfiguredRates({}, 0));
const prefix = (text: string): { bytes: Uint8Array; bits: number } => {
  const [address, bits] = text.split('/');
  return { bytes: addressBytes(address), bits: Number(bits) };
};
const limits = (over: Partial<AdmissionLimits> = {}): AdmissionLimits => ({ exporters: [], flowsPerSecond: 0, flowsPerSecondOf: [], ...over });
const TEN = netflow5(Array.from({ length: 10 }, () => ({ src: '10.0.0.1', dst: '10.0.0.2' })));
function v5(sequence: number): Buffer {
  const datagram = Buffer.from(TEN);
  datagram.writeUInt32BE(sequence, 16);
  return datagram;
}

describe('the list of exporters', () => {
  test.each([
    ['192.0.2.7', 1], ['192.0.3.7', REFUSED], ['2001:db8::1', 1], ['2001:db9::1', REFUSED],
  ])('%s', (address, expected) => {
    const admission = new Admission(limits({ exporters: [prefix('192.0.2.0/24'), prefix('2001:db8::/32')] }));
    expect(admission.admit(v5(1), sources().of(address, 1), 0)).toBe(expected);
    expect(admission.refused).toBe(expected === REFUSED ? 1 : 0);
  });

  test('all, where it is empty', () => {
    expect(Admission.admitsAll(limits())).toBe(true);
    expect(new Admission(limits()).admit(v5(1), sources().of('203.0.113.1', 1), 0)).toBe(1);
  });
});

describe('the limit of flows', () => {
  /** Ten seconds of an exporter with `rate` datagrams of ten flows a second; what was kept, with its weight, by second. */
  function offer(admission: Admission, rate: number, address = '192.0.2.1', seed = 0): { kept: number[]; weighted: number[] } {
    const source = sources().of(address, 1);
    const kept = Array<number>(10).fill(0);
    const weighted = Array<number>(10).fill(0);
    for (let i = 0; i < 10 * rate; i++) {
      const second = Math.floor(i / rate);
      const weight = admission.admit(v5(seed + 10 * i), source, 1000 * second + Math.floor((1000 * (i % rate)) / rate));
      if (weight === THINNED_OUT) continue;
      admission.decoded(source, 10);
      kept[second] += 10;
      weighted[second] += 10 * weight;
    }
    return { kept, weighted };
  }

  test('nothing is left out below it', () => {
    const admission = new Admission(limits({ flowsPerSecond: 1000 }));
    expect(offer(admission, 50).kept).toEqual(Array(10).fill(500));
    expect(admission.thinnedOut).toBe(0);
  });

  test('above it about so many are kept, and stand for all: the sum is right within the bounds of chance', () => {
    let weighted = 0;
    let offered = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const result = offer(new Admission(limits({ flowsPerSecond: 1000 })), 1000, '192.0.2.1', seed * 1_000_003);
      result.kept.slice(1).forEach((flows) => expect(flows).toBeLessThan(1500));
      weighted += result.weighted.reduce((sum, flows) => sum + flows);
      offered += 100_000;
    }
    // A tenth of 200,000 datagrams: the standard deviation is sqrt(9 / 200,000) = 0.7 % of the sum.
    expect(Math.abs(weighted / offered - 1)).toBeLessThan(0.03);
  });

  test('is by exporter: another is not touched; the longest prefix has the say', () => {
    const admission = new Admission(limits({ flowsPerSecond: 100, flowsPerSecondOf: [{ ...prefix('192.0.2.0/24'), limit: 100_000 }, { ...prefix('192.0.2.9/32'), limit: 0 }] }));
    expect(offer(admission, 200, '192.0.2.1').kept).toEqual(Array(10).fill(2000));
    expect(offer(admission, 200, '192.0.2.9').kept).toEqual(Array(10).fill(2000));
    expect(offer(admission, 200, '198.51.100.1').kept[5]).toBeLessThan(400);
  });

  test('the same datagram has the same fate when it is sent twice', () => {
    const one = new Admission(limits({ flowsPerSecond: 100 }));
    const two = new Admission(limits({ flowsPerSecond: 100 }));
    expect(offer(one, 300).weighted).toEqual(offer(two, 300).weighted);
  });

  test('what others are decoded with, and counters, come through, with their flows standing for themselves', () => {
    const admission = new Admission(limits({ flowsPerSecond: 1 }));
    const source = sources().of('192.0.2.1', 1);
    admission.admit(v5(1), source, 0);
    admission.decoded(source, 1_000_000);
    const data = set(256, Buffer.alloc(64));
    const needed = [
      netflow9([set(0, template(256, [[8, 4]])), data]),
      ipfix([data, set(2, template(256, [[8, 4]]))]),
      netflow9([set(1, optionsTemplate9(300, [[1, 4]], [[34, 4]]))]),
      netflow9([set(300, bytes([1, 4], [100, 4]))]),
      sflow5([flowSample([]), counterSample(1, 2, 3)]),
    ];
    needed.forEach((datagram) => expect(admission.admit(datagram, source, 0)).toBe(1));
    const left = Array.from({ length: 200 }, (_, i) => [netflow9([data], { sequence: i }), ipfix([data], { sequence: i }), sflow5([flowSample([])], { sequence: i })]).flat();
    expect(left.filter((datagram) => admission.admit(datagram, source, 0) !== THINNED_OUT).length).toBeLessThan(5);
  });
});
