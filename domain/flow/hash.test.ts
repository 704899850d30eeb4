import { addressWord, contentHash, finish, flowHash, foldIpv6, round } from './hash';

const words = (...bytes: number[]): Int32Array => {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return new Int32Array(padded.buffer);
};

test.each([
  // the reference implementation's values for MurmurHash3_x86_32, seed 0
  ['test', 0xba6bd213 | 0],
  ['', 0],
])('MurmurHash3 of %j', (text, wanted) => {
  let hash = 0;
  for (const word of words(...Buffer.from(text))) hash = round(hash, word);
  expect(finish(hash, text.length)).toBe(wanted);
});

describe('the flow hash', () => {
  const view = new DataView(new ArrayBuffer(40));
  beforeEach(() => {
    for (let i = 0; i < 40; i++) view.setUint8(i, 0);
  });

  test('is the same for an IPv4 address and the IPv4-mapped one', () => {
    view.setUint32(0, 0xc0000201);
    view.setUint16(18, 0xffff);
    view.setUint32(20, 0xc0000201);
    expect(addressWord(view, 0, 4)).toBe(addressWord(view, 8, 16));
  });

  test('of no address takes the word 0', () => {
    expect(addressWord(view, 0, 0)).toBe(0);
  });

  test('has this value for ever: processors and stored partitions rely on it', () => {
    expect(flowHash(0xc0000201, 0xc6336401, 50_000, 443, 6)).toMatchInlineSnapshot(`-1519527196`);
    expect(flowHash(foldIpv6(0x20010db8, 0, 0, 1), foldIpv6(0x20010db8, 0, 0, 2), 50_000, 443, 6)).toMatchInlineSnapshot(`-1059601099`);
  });

  test('depends on each of the five', () => {
    const hashes = [flowHash(1, 2, 3, 4, 5), flowHash(9, 2, 3, 4, 5), flowHash(1, 9, 3, 4, 5), flowHash(1, 2, 9, 4, 5), flowHash(1, 2, 3, 9, 5), flowHash(1, 2, 3, 4, 9), flowHash(2, 1, 4, 3, 5)];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('the content hash', () => {
  test('differs where any bit differs, also in the top bits of two words', () => {
    const base = Int32Array.from({ length: 21 }, (_, i) => i * 7919);
    const seen = new Set([contentHash(base, 21, 84)]);
    let made = 1;
    const note = (changed: Int32Array): void => {
      seen.add(contentHash(changed, 21, 84));
      made++;
    };
    for (let i = 0; i < 21; i++) {
      for (let bit = 0; bit < 32; bit++) note(base.map((word, j) => (i === j ? word ^ (1 << bit) : word)));
      for (let k = i + 1; k < 21; k++) note(base.map((word, j) => (j === i || j === k ? word ^ 0x80000000 : word)));
    }
    expect(seen.size).toBe(made);
  });

  test('tells trailing zeros by the length', () => {
    expect(contentHash(words(1, 0, 0, 0), 1, 1)).not.toBe(contentHash(words(1, 0, 0, 0), 1, 2));
  });
});
