import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DgramReceiver, kernelName, kernelRows } from './dgram-receiver';
import type { Peer } from './receiver';

const endpoint = (port: number, key = 'collector.netflowPort') => ({ address: '127.0.0.1', port, key });
const receivers: DgramReceiver[] = [];
function make(...ports: number[]): DgramReceiver {
  const receiver = new DgramReceiver(ports.map((port) => endpoint(port)), 1 << 18, (error) => { throw error; });
  receivers.push(receiver);
  return receiver;
}
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop();
});

describe('receiving through dgram', () => {
  test('gives payload, sender and time; says what buffer it got', async () => {
    let take: (got: [string, Peer, number]) => void = () => undefined;
    const got = new Promise<[string, Peer, number]>((resolve) => (take = resolve));
    const [socket] = await make(0).start((payload, peer, receiveMs) => take([Buffer.from(payload).toString(), peer, receiveMs]));
    expect(socket.port).toBeGreaterThan(0);
    expect(socket.receiveBuffer).toBeGreaterThan(0);
    const sender = createSocket('udp4');
    sender.send('flow', socket.port, '127.0.0.1');
    const [payload, peer, receiveMs] = await got;
    const { port } = sender.address();
    await new Promise<void>((resolve) => sender.close(() => resolve()));
    expect([payload, peer, Number.isInteger(receiveMs)]).toEqual(['flow', { address: '127.0.0.1', port }, true]);
  });

  test('a port that is taken names its key, and leaves no other open', async () => {
    await make(21011).start(() => undefined);
    await expect(make(21010, 21011).start(() => undefined)).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: 'UDP 127.0.0.1:21011 (collector.netflowPort): EADDRINUSE.' });
    await make(21010).start(() => undefined);
  });
});

describe('drops that the kernel counted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-proc-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are read with the bytes that wait, by address and port', () => {
    const file = join(folder, 'udp');
    writeFileSync(
      file,
      `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 0100007F:0807 00000000:0000 07 00000000:000004FF 00:00000000 00000000     0        0 1 2 0000000000000000 41
  101: 00000000:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 1
`,
    );
    expect(kernelRows(file)).toEqual([
      { local: kernelName('127.0.0.1', 2055), queuedBytes: 1279, drops: 41 },
      { local: kernelName('0.0.0.0', 2055), queuedBytes: 0, drops: 1 },
    ]);
  });

  test.each([
    ['127.0.0.1', 4739, '0100007F:1283'],
    ['::1', 6343, '00000000000000000000000001000000:18C7'],
    ['2001:db8::5', 1, 'B80D0120000000000000000005000000:0001'],
  ])('%s, port %i is written %s', (address, port, text) => expect(kernelName(address, port)).toBe(text));

  test('are none where the system has no such file', () => {
    expect(kernelRows(join(folder, 'none'))).toEqual([]);
  });
});
