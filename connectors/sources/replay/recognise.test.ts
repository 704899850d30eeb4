import { loopbackAddresses } from './exporters';
import { recognise } from './recognise';
import { v5 } from './testing';

const ipfix = Buffer.from('000a0018000000000000000000000001010000080a000001', 'hex');
const v9 = Buffer.from('00090001000000000000000000000000000000010100000800000000', 'hex');
const sflow = Buffer.from('00000005000000010a00000100000000000000010000000000000000', 'hex');
const dnsWithId5 = Buffer.from('00050100000100000000000003777777076578616d706c6503636f6d0000010001', 'hex');

describe('recognising flow export', () => {
  it.each([
    ['NetFlow v5', v5(1), 50_000, 'v5'],
    ['NetFlow v9', v9, 50_000, 'v9'],
    ['IPFIX', ipfix, 50_000, 'ipfix'],
    ['sFlow v5', sflow, 50_000, 'sflow'],
    ['a DNS query whose id is 5', dnsWithId5, 53, null],
    ['IPFIX with a false length, elsewhere', ipfix.subarray(0, 20), 50_000, null],
    ['IPFIX with a false length, on its port', ipfix.subarray(0, 20), 4739, 'ipfix'],
    ['NetFlow v5 cut short, on its port', v5(1).subarray(0, 40), 2055, 'v5'],
    ['NetFlow v7', Buffer.from('0007' + '00'.repeat(70), 'hex'), 2055, null],
    ['nothing', Buffer.alloc(0), 2055, null],
  ])('%s', (_, payload, port, expected) => {
    expect(recognise(payload, port)).toBe(expected);
  });
});

describe('loopback addresses of exporters', () => {
  it('keep the last three bytes, are distinct, and do not depend on the order', () => {
    const given = loopbackAddresses(['192.0.2.10', '10.0.2.10', '203.0.0.1', '2001:db8::1', '2001:db8::2']);
    expect(given.get('10.0.2.10')).toBe('127.0.2.10');
    expect(new Set(given.values()).size).toBe(5);
    for (const address of given.values()) expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(given.get('203.0.0.1')).not.toBe('127.0.0.1');
    expect(loopbackAddresses([...given.keys()].reverse())).toEqual(given);
  });
});
