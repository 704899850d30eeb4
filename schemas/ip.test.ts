import { isIP } from 'node:net';
import { formatIpRow, IP_ROW, parseIpRow } from './ip';

const row = (text: string): Buffer | null => {
  const bytes = Buffer.alloc(IP_ROW);
  return parseIpRow(text, bytes) ? bytes : null;
};

describe('addresses as text', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['', ''],
    ['::', ''],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:0DB8:0:0:0:0:2:1', '2001:db8::2:1'],
    // RFC 5952, 4.2.2: a single zero group is not shortened. 4.2.3: the longest run, the first of equal ones.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fe80::', 'fe80::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])("'%s' is written '%s'", (text, normal) => {
    const bytes = row(text);
    expect(bytes).not.toBeNull();
    expect(formatIpRow(bytes!)).toBe(normal);
  });

  test.each(['1.2.3', '1.2.3.256', '1.2.3.4.5', '1.2.3.4 ', ':', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1.2.3', 'g::', '1.2.3.4::', '0x1.2.3.4'])("'%s' is none", (text) => {
    expect(row(text)).toBeNull();
    expect(isIP(text)).toBe(0);
  });
});
