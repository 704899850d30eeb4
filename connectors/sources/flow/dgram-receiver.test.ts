import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DgramReceiver, kernelDrops } from './dgram-receiver';

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
    let take: (got: [string, string, number]) => void = () => undefined;
    const got = new Promise<[string, string, number]>((resolve) => (take = resolve));
    const [socket] = await make(0).start((payload, address, receiveMs) => take([Buffer.from(payload).toString(), address, receiveMs]));
    expect(socket.port).toBeGreaterThan(0);
    expect(socket.receiveBuffer).toBeGreaterThan(0);
    const sender = createSocket('udp4');
    sender.send('flow', socket.port, '127.0.0.1');
    const [payload, address, receiveMs] = await got;
    await new Promise<void>((resolve) => sender.close(() => resolve()));
    expect([payload, address, Number.isInteger(receiveMs)]).toEqual(['flow', '127.0.0.1', true]);
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

  test('are summed over the sockets of our ports', () => {
    const file = join(folder, 'udp');
    writeFileSync(
      file,
      `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 41
  101: 00000000:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 1
  102: 00000000:1283 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 500
`,
    );
    expect(kernelDrops(file, new Set([2055]))).toBe(42);
    expect(kernelDrops(file, new Set([2055, 4739]))).toBe(542);
  });

  test('are none where the system has no such file', () => {
    expect(kernelDrops(join(folder, 'none'), new Set([2055]))).toBe(0);
  });
});
