/** What the tests of replay share: captures made here, a collector that counts and acknowledges as asked. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A UDP datagram for {@link pcapOf}; addresses are IPv4 texts. */
export interface TestDatagram {
  readonly timeMs: number;
  readonly src: string;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly payload: Buffer;
}

/** A classic pcap of raw IPv4 packets (LINKTYPE_RAW). */
export function pcapOf(datagrams: readonly TestDatagram[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(101, 20);
  const parts: Buffer[] = [head];
  for (const { timeMs, src, srcPort = 50_000, dstPort = 2055, payload } of datagrams) {
    const length = 28 + payload.length;
    const frame = Buffer.alloc(44);
    frame.writeUInt32LE(Math.floor(timeMs / 1000), 0);
    frame.writeUInt32LE((timeMs % 1000) * 1000, 4);
    frame.writeUInt32LE(length, 8);
    frame.writeUInt32LE(length, 12);
    frame[16] = 0x45;
    frame.writeUInt16BE(length, 18);
    frame[24] = 64;
    frame[25] = 17;
    frame.set(src.split('.').map(Number), 28);
    frame.set([198, 51, 100, 1], 32);
    frame.writeUInt16BE(srcPort, 36);
    frame.writeUInt16BE(dstPort, 38);
    frame.writeUInt16BE(8 + payload.length, 40);
    parts.push(frame, payload);
  }
  return Buffer.concat(parts);
}

/** A NetFlow v5 datagram of one record, told apart by its sequence. */
export function v5(sequence: number): Buffer {
  const datagram = Buffer.alloc(72);
  datagram.writeUInt16BE(5, 0);
  datagram.writeUInt16BE(1, 2);
  datagram.writeUInt32BE(1_700_000_000, 8);
  datagram.writeUInt32BE(sequence, 16);
  return datagram;
}

/** A collector: counts datagrams, keeps the durable ones, acknowledges over HTTP; can be killed, replaced and made to lose. */
export class TestCollector {
  /** Sequences of the datagrams that are durable, over all instances. */
  readonly durable = new Set<number>();
  readonly arrived: { sequence: number; address: string; port: number; bytes: number; payload: Buffer }[] = [];
  /** The next datagrams are lost on their way. */
  lose = 0;
  /** Answers nothing and takes nothing in. */
  down = false;
  /** Called with each datagram before it counts. */
  onDatagram: () => void = () => undefined;
  private instance = 1;
  private received = 0;

  private constructor(
    private readonly udp: Socket,
    private readonly http: Server,
  ) {}

  static async start(): Promise<TestCollector> {
    const udp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    const http = createServer();
    const collector = new TestCollector(udp, http);
    udp.on('message', (payload, from) => collector.take(payload, from.address, from.port));
    http.on('request', (_request, response) => {
      if (collector.down) response.destroy();
      else response.end(JSON.stringify({ instance: `i${collector.instance}`, received: collector.received, acknowledged: collector.received }));
    });
    udp.bind(0, '127.0.0.1');
    http.listen(0, '127.0.0.1');
    await Promise.all([once(udp, 'listening'), once(http, 'listening')]);
    return collector;
  }

  get port(): number {
    return this.udp.address().port;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/collector/acknowledged`;
  }

  /** kill -9 and a new start: what was not durable is gone, so are the counts, unless the new one has received from others since. */
  restart(received = 0): void {
    this.instance++;
    this.received = received;
    this.down = false;
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    await Promise.all([new Promise<void>((resolve) => this.udp.close(() => resolve())), new Promise<void>((resolve) => this.http.close(() => resolve()))]);
  }

  private take(payload: Buffer, address: string, port: number): void {
    this.onDatagram();
    if (this.down) return;
    if (this.lose > 0) {
      this.lose--;
      return;
    }
    this.received++;
    const sequence = payload.readUInt32BE(16);
    this.durable.add(sequence);
    this.arrived.push({ sequence, address, port, bytes: payload.length, payload });
  }
}
