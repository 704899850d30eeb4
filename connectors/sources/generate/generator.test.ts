import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { PROTOCOLS } from '../../../domain/simulate/exporter';
import { startGenerator } from './generator';

/** A collector that only counts. */
async function counter(): Promise<{ socket: Socket; port: number; datagrams: () => number; sources: Set<string>; bytes: () => number }> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  let datagrams = 0;
  let bytes = 0;
  const sources = new Set<string>();
  socket.on('message', (message, from) => {
    datagrams++;
    bytes += message.length;
    sources.add(from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port, datagrams: () => datagrams, sources, bytes: () => bytes };
}

const settled = async (value: () => number): Promise<void> => {
  for (let before = -1; value() !== before; ) {
    before = value();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe('the generator', () => {
  it('sends the flows asked for, each exporter from its own address, and knows what it sent', async () => {
    const to = await counter();
    const { port } = to;
    const totals = await startGenerator({ rate: 20_000, durationMs: 500, ports: { netflow: port, ipfix: port, sflow: port } }).finished;
    await settled(to.datagrams);
    to.socket.close();
    expect(totals.flows).toBe(10_000);
    expect(Object.keys(totals.protocols).sort()).toEqual([...PROTOCOLS].sort());
    expect(to.datagrams()).toBe(totals.datagrams);
    expect(totals.refused).toEqual({});
    expect(totals.exporters.map(({ address }) => address).sort()).toEqual([...to.sources].sort());
    if (process.platform === 'linux') expect(to.sources.size).toBe(4);
  });

  it('ends when stopped, with nothing held back', async () => {
    const to = await counter();
    const { port } = to;
    const running = startGenerator({ rate: 1000, protocols: ['v9'], ports: { netflow: port } });
    while (running.progress().flows === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const totals = await running.stop();
    await settled(to.datagrams);
    to.socket.close();
    expect(to.datagrams()).toBe(totals.datagrams);
    expect(totals.flows).toBeGreaterThan(0);
  });

  it('says which host it does not know', async () => {
    await expect(startGenerator({ rate: 1, target: 'no-such-host.invalid' }).finished).rejects.toMatchObject({ code: 'NW_TARGET_UNKNOWN' });
  });
});
