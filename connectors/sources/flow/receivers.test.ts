import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { DgramReceiver } from './dgram-receiver';
import { closeShared, LinuxReceiver, openShared } from './linux-receiver';
import { libc } from './linux/libc';
import { socketOf } from './linux/steering';
import { openReceiver } from './open-receiver';
import type { DatagramHandler, Endpoint, OpenSocket, Peer, Receiver } from './receiver';

const onError = (error: Error): never => {
  throw error;
};
const BUFFER = 1 << 18;
const endpoint = (port = 0, address = '127.0.0.1', key = 'collector.netflowPort'): Endpoint => ({ address, port, key });
const dgram = (endpoints: readonly Endpoint[], receiveBuffer = BUFFER): Receiver => new DgramReceiver(endpoints, receiveBuffer, onError);
const linux = (endpoints: readonly Endpoint[], receiveBuffer = BUFFER): Receiver => new LinuxReceiver({ endpoints, receiveBuffer, pauseMs: 20, onError });

const works = ((): boolean => {
  try {
    return libc() !== undefined;
  } catch {
    return false;
  }
})();
const whenLinux = works ? describe : describe.skip;
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function started(receiver: Receiver, onDatagram: DatagramHandler = () => undefined): Promise<readonly OpenSocket[]> {
  closers.push(() => receiver.stop());
  return receiver.start(onDatagram);
}

/** A socket to send from. */
async function sender(address = '127.0.0.1', port = 0): Promise<Socket & { give(payload: Uint8Array | string, port: number, to?: string): Promise<void> }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  closers.push(() => new Promise<void>((resolve) => socket.close(resolve)));
  const give = (payload: Uint8Array | string, to: number, host = address): Promise<void> => new Promise((resolve, reject) => socket.send(payload, to, host, (error) => (error ? reject(error) : resolve())));
  return Object.assign(socket, { give });
}

interface Got {
  readonly payload: Buffer;
  readonly peer: Peer;
  readonly receiveMs: number;
}
const into = (got: Got[]): DatagramHandler => (payload, peer, receiveMs) => void got.push({ payload: Buffer.from(payload), peer, receiveMs });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

const both: [string, typeof dgram][] = [['dgram', dgram], ...(works ? ([['recvmmsg', linux]] as [string, typeof dgram][]) : [])];

describe.each(both)('receiving through %s', (_name, make) => {
  test('brings every datagram as it was sent, of any length, in order, with sender and time', async () => {
    const got: Got[] = [];
    const [socket] = await started(make([endpoint()], 1 << 22), into(got));
    expect(socket).toMatchObject({ address: '127.0.0.1', key: 'collector.netflowPort', port: expect.any(Number) });
    expect(socket.port).toBeGreaterThan(0);
    expect(socket.receiveBuffer).toBeGreaterThan(0);
    const from = await sender();
    const sent = [1, 0, 24, 1400, 1472, 8972, 65_507].map((length, i) => Buffer.from(Array.from({ length }, (_, j) => (j * 31 + i) & 255)));
    const before = Date.now();
    for (const payload of sent) await from.give(payload, socket.port);
    await until(() => got.length === sent.length);
    got.forEach(({ payload }, i) => expect(payload.equals(sent[i])).toBe(true));
    for (const { peer, receiveMs } of got) {
      expect(peer).toEqual({ address: '127.0.0.1', port: from.address().port });
      expect(Number.isInteger(receiveMs) && receiveMs >= before && receiveMs <= Date.now()).toBe(true);
    }
  });

  test('gives one object for one sender, another for another port or address', async () => {
    const got: Got[] = [];
    const [socket] = await started(make([endpoint(0, '0.0.0.0')]), into(got));
    const senders = [await sender(), await sender(), await sender('127.0.0.2')];
    for (let round = 0; round < 3; round++) for (const one of senders) await one.give('x', socket.port, '127.0.0.1');
    await until(() => got.length === 9);
    const peers = new Map(got.map(({ peer }) => [`${peer.address} ${peer.port}`, peer]));
    expect([...peers.keys()].sort()).toEqual(senders.map((one) => `${one.address().address} ${one.address().port}`).sort());
    for (const { peer } of got) expect(peers.get(`${peer.address} ${peer.port}`)).toBe(peer);
  });

  test('listens on several sockets at once', async () => {
    const got: Got[] = [];
    const sockets = await started(make([endpoint(0), endpoint(0, '127.0.0.1', 'collector.ipfixPort'), endpoint(0, '127.0.0.3', 'collector.sflowPort')]), into(got));
    expect(sockets.map(({ key }) => key)).toEqual(['collector.netflowPort', 'collector.ipfixPort', 'collector.sflowPort']);
    const from = await sender();
    for (const { address, port, key } of sockets) await from.give(key, port, address);
    await until(() => got.length === 3);
    expect(got.map(({ payload }) => payload.toString()).sort()).toEqual(sockets.map(({ key }) => key).sort());
  });

  (hasIpv6 ? test : test.skip)('listens on IPv6, and beside it on IPv4 with the same port (needs ::1)', async () => {
    const got: Got[] = [];
    const [six] = await started(make([endpoint(0, '::')]), into(got));
    const [four] = await started(make([endpoint(six.port, '0.0.0.0')]), into(got));
    await (await sender('::1')).give('six', six.port);
    await (await sender()).give('four', four.port);
    await until(() => got.length === 2);
    expect(got.map(({ payload, peer }) => `${payload.toString()} ${peer.address}`).sort()).toEqual(['four 127.0.0.1', 'six ::1']);
  });

  (hasIpv6 ? test : test.skip)('reads addresses of either kind whole, whichever came before (needs ::1)', async () => {
    const got: Got[] = [];
    const [four, six] = await started(make([endpoint(0), endpoint(0, '::1')]), into(got));
    for (const [from, { port }] of [[await sender(), four], [await sender('::1'), six], [await sender(), four]] as const) {
      const before = got.length;
      await from.give('x', port);
      await until(() => got.length > before);
    }
    expect(got.map(({ peer }) => peer.address)).toEqual(['127.0.0.1', '::1', '127.0.0.1']);
  });

  test('says by its key that a port is taken, and then has none open', async () => {
    const [{ port }] = await started(make([endpoint()]));
    const [{ port: free }] = await started(make([endpoint()]));
    await closers.pop()!();
    await expect(make([endpoint(free), endpoint(port)]).start(() => undefined)).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: `UDP 127.0.0.1:${port} (collector.netflowPort): EADDRINUSE.` });
    await started(make([endpoint(free)]));
  });

  test('says so where an address is not this machine\'s', async () => {
    await expect(make([endpoint(0, '192.0.2.1')]).start(() => undefined)).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: expect.stringContaining('EADDRNOTAVAIL') });
  });

  test('brings nothing after it was stopped, from the midst of its work too, and its port is free', async () => {
    const receiver = make([endpoint()]);
    let got = 0;
    let stopped: Promise<void> | null = null;
    const [{ port }] = await started(receiver, () => {
      got++;
      stopped ??= receiver.stop();
    });
    const from = await sender();
    await Promise.all(Array.from({ length: 50 }, () => from.give('x', port)));
    await until(() => stopped !== null);
    await stopped;
    expect(got).toBe(1);
    expect(receiver.state()).toEqual([]);
    await started(make([endpoint(port)]));
  });

  test('counts what the system drops when the receive buffer is full, and says how full it is', async () => {
    const got: Got[] = [];
    const receiver = make([endpoint()], 16_384);
    const [socket] = await started(receiver, into(got));
    const from = await sender();
    await new Promise<void>((resolve) => from.connect(socket.port, '127.0.0.1', resolve));
    // All are sent before the event loop turns: nobody reads meanwhile.
    for (let i = 0; i < 500; i++) from.send(Buffer.alloc(1000, i));
    const [{ queuedBytes, drops, receiveBuffer }] = receiver.state();
    expect(drops).toBeGreaterThan(0);
    expect(queuedBytes).toBeGreaterThan(receiveBuffer / 2);
    await until(() => got.length + receiver.state()[0].drops === 500);
    expect(receiver.state()).toMatchObject([{ key: 'collector.netflowPort', queuedBytes: 0, truncated: 0 }]);
  });
});

whenLinux('receiving through recvmmsg (needs Linux and koffi)', () => {
  test('cuts what is longer than its memory for one datagram, and counts it', async () => {
    const got: Got[] = [];
    const receiver = new LinuxReceiver({ endpoints: [endpoint()], receiveBuffer: BUFFER, pauseMs: 20, onError, datagramBytes: 1500 });
    const [{ port }] = await started(receiver, into(got));
    const from = await sender();
    for (const length of [1499, 1500, 1501, 9000]) await from.give(Buffer.alloc(length, length), port);
    await until(() => got.length === 4);
    expect(got.map(({ payload }) => payload.length)).toEqual([1499, 1500, 1500, 1500]);
    expect(receiver.state()[0].truncated).toBe(2);
  });

  test('gets larger buffers than net.core.rmem_max where it may, or what the system gives', async () => {
    const [{ receiveBuffer }] = await started(linux([endpoint()], 64 << 20));
    const [plain] = await started(dgram([endpoint()], 64 << 20));
    expect(receiveBuffer).toBeGreaterThanOrEqual(plain.receiveBuffer);
  });

  test('lets others have their turn however much waits', async () => {
    let got = 0;
    const [{ port }] = await started(linux([endpoint()], 1 << 24), () => void got++);
    const from = await sender();
    await Promise.all(Array.from({ length: 3000 }, () => from.give('x', port)));
    for (let last = got; got < 3000; last = got) {
      await turn();
      expect(got - last).toBeLessThanOrEqual(256);
    }
  });

  describe('on a port that several share', () => {
    const addresses = Array.from({ length: 12 }, (_, i) => `127.0.0.${i + 1}`);
    const bytesOf = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));

    /** Sends from three ports of each address; the receivers that got an address's datagrams. */
    async function spread(port: number, got: readonly Got[][]): Promise<Map<string, number[]>> {
      const before = got.map((each) => each.length);
      const sum = (): number => got.reduce((all, each, i) => all + each.length - before[i], 0);
      for (const address of addresses) for (let i = 0; i < 3; i++) await (await sender(address)).give('x', port, '127.0.0.1');
      await until(() => sum() === 3 * addresses.length);
      return new Map(addresses.map((address) => [address, got.flatMap((each, worker) => (each.slice(before[worker]).some(({ peer }) => peer.address === address) ? [worker] : []))]));
    }
    const expected = new Map(addresses.map((address) => [address, [socketOf(bytesOf(address), 3)]]));

    /** Three receivers on one port. */
    async function three(address: string): Promise<{ got: Got[][]; port: number; receivers: Receiver[]; begin(index: number): Promise<number> }> {
      const shared = openShared([endpoint(0, address)], 3, BUFFER);
      closers.push(async () => closeShared(shared));
      const got: Got[][] = [[], [], []];
      const receivers: Receiver[] = [];
      const begin = async (index: number): Promise<number> => {
        receivers[index] = new LinuxReceiver({ endpoints: [], receiveBuffer: 0, pauseMs: 5, sockets: shared[index], onError });
        return (await started(receivers[index], into(got[index])))[0].port;
      };
      const ports = [await begin(0), await begin(1), await begin(2)];
      expect(new Set(ports).size).toBe(1);
      return { got, port: ports[0], receivers, begin };
    }

    test('each sender\'s datagrams come to one receiver, whatever port they are sent from; all receivers get some', async () => {
      expect(new Set([...expected.values()].flat())).toEqual(new Set([0, 1, 2]));
      const { got, port } = await three('0.0.0.0');
      expect(await spread(port, got)).toEqual(expected);
    });

    test('they keep their places while one is away, and what came for it waits', async () => {
      const { got, port, receivers, begin } = await three('0.0.0.0');
      const [address] = addresses.filter((one) => expected.get(one)![0] === 0);
      await receivers[0].stop();
      await (await sender(address)).give('while it was away', port, '127.0.0.1');
      await begin(0);
      await until(() => got[0].some(({ payload }) => payload.toString() === 'while it was away'));
      expect(await spread(port, got)).toEqual(expected);
    });

    (hasIpv6 ? test : test.skip)('IPv6 senders are told apart by their whole address (needs ::1)', async () => {
      const { got, port } = await three('::');
      for (let i = 0; i < 5; i++) await (await sender('::1')).give('x', port);
      const loopback = new Uint8Array(16);
      loopback[15] = 1;
      await until(() => got[socketOf(loopback, 3)].length === 5);
    });
  });
});

describe('the choice of a receiver', () => {
  const options = { endpoints: [endpoint()], receiveBuffer: BUFFER, pauseMs: 20, onError };
  const logger = { warn: jest.fn() };

  test('is the one asked for', () => {
    expect(openReceiver('dgram', options, logger)).toBeInstanceOf(DgramReceiver);
    if (works) for (const kind of ['auto', 'linux'] as const) expect(openReceiver(kind, options, logger)).toBeInstanceOf(LinuxReceiver);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  test('falls to dgram where the Linux one does not work, and the log says why; not where it was asked for by name or ports are shared', () => {
    const { platform } = process;
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    try {
      jest.isolateModules(() => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const { openReceiver: open } = require('./open-receiver') as { openReceiver: typeof openReceiver };
        expect(open('auto', options, logger).constructor.name).toBe('DgramReceiver');
        expect(logger.warn).toHaveBeenCalledWith({ err: expect.objectContaining({ message: expect.stringContaining('this is darwin on') }) }, expect.any(String));
        expect(() => open('linux', options, logger)).toThrow(/collector.receiver/);
        expect(() => open('auto', { ...options, sockets: [] }, logger)).toThrow(/collector.receiver/);
      });
    } finally {
      Object.defineProperty(process, 'platform', { value: platform });
    }
  });
});
