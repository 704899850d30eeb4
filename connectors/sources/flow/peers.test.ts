import { Peers } from './peers';

describe('senders by the text of their address', () => {
  test('are one object each, by address and port', () => {
    const peers = new Peers();
    const one = peers.of('192.0.2.1', 5000);
    expect(one).toEqual({ address: '192.0.2.1', port: 5000 });
    expect(peers.of('192.0.2.1', 5000)).toBe(one);
    expect(peers.of('192.0.2.1', 5001)).not.toBe(one);
    expect(peers.of('192.0.2.2', 5000)).not.toBe(one);
  });

  test('are IPv4 where the system says IPv4-mapped', () => {
    expect(new Peers().of('::ffff:192.0.2.1', 1).address).toBe('192.0.2.1');
    expect(new Peers().of('::ffff:0:1', 1).address).toBe('::ffff:0:1');
  });

  test('are all forgotten when there are too many', () => {
    const peers = new Peers(2);
    const [one] = [peers.of('192.0.2.1', 1), peers.of('192.0.2.2', 1)];
    expect(peers.of('192.0.2.1', 1)).toBe(one);
    peers.of('192.0.2.3', 1);
    expect(peers.of('192.0.2.1', 1)).not.toBe(one);
  });
});
