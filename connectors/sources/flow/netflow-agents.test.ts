/** A real exporter of NetFlow v5 that numbers its datagrams otherwise: Open vSwitch. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowPartitions } from '../../../domain/flow/batch-builder';
import { FlowDecoder } from '../../../domain/flow/decoder';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import { hasOpenVswitch, OpenVswitch } from './testing/open-vswitch';

const whenSwitch = hasOpenVswitch() ? describe : describe.skip;

/** What its datagrams come to; `faults` are unexpected. */
function decode(datagrams: readonly Buffer[]) {
  const faults: string[] = [];
  const decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: (_source, fault) => faults.push(fault) });
  datagrams.forEach((datagram, i) => decoder.decode(datagram, decoder.sources.of('127.0.0.1'), i * 10, i));
  const [{ flows, sequence, domainId }, ...others] = decoder.streams;
  const { received, lost, reordered, duplicates, restarts } = sequence;
  return { flows, domainId, figures: { received, lost, reordered, duplicates, restarts }, others: others.length, faults };
}

whenSwitch('Open vSwitch (needs its programs and root)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-netflow-'));
  let vswitch: OpenVswitch;
  let socket: Socket;
  const datagrams: Buffer[] = [];

  beforeAll(async () => {
    socket = createSocket('udp4');
    socket.on('message', (payload) => datagrams.push(payload));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    vswitch = await OpenVswitch.start(join(folder, 'ovs'));
  }, 60_000);
  afterAll(async () => {
    await vswitch.stop();
    socket.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  test('its flows in bursts: none is lost; what is left out is', async () => {
    vswitch.vsctl('--', '--id=@n', 'create', 'NetFlow', `targets="127.0.0.1:${socket.address().port}"`, 'active_timeout=1', '--', 'set', 'bridge', 'br0', 'netflow=@n');
    let sent = 0;
    const came = (): number => datagrams.reduce((sum, datagram) => sum + datagram.readUInt16BE(2), 0);
    for (let burst = 0; burst < 5; burst++) {
      for (let i = 0; i < 36 + 3 * burst; i++, sent++) vswitch.receive(`eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=10.0.${burst}.${i},dst=10.9.9.9,proto=17,tos=8,ttl=64,frag=no),udp(src=1234,dst=${50 + i})`, 100);
      for (let deadline = Date.now() + 20_000; came() < sent && Date.now() < deadline;) await pause(200);
    }
    expect(came()).toBeGreaterThanOrEqual(sent);

    const numbers = datagrams.map((datagram) => datagram.readUInt32BE(16));
    const ends = datagrams.map((_, i) => datagrams.slice(0, i + 1).reduce((sum, datagram) => sum + datagram.readUInt16BE(2), -1));
    expect(numbers).toEqual(ends); // the number of each is that of its last flow
    expect(decode(datagrams)).toMatchObject({ flows: came(), figures: { received: came(), lost: 0, reordered: 0, duplicates: 0, restarts: 0 }, others: 0, faults: [] });

    const missing = datagrams.length - 2;
    expect(decode(datagrams.filter((_, i) => i !== missing)).figures).toMatchObject({ lost: datagrams[missing].readUInt16BE(2), duplicates: 0, restarts: 0 });
  }, 180_000);
});
