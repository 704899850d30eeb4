/** Receives through node's `dgram`: everywhere, at one callback a datagram. */
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { NetWeaverError } from '../../../infra/errors';
import type { DatagramHandler, Endpoint, OpenSocket, Receiver } from './receiver';

/** Codes of a system without IPv6: `::` is then left out. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

export class DgramReceiver implements Receiver {
  private sockets: { readonly socket: Socket; readonly open: OpenSocket }[] = [];

  /** `receiveBuffer` is asked for from the system, in bytes; 0 leaves its default. */
  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly receiveBuffer: number,
    private readonly onError: (error: Error) => void,
  ) {}

  async start(onDatagram: DatagramHandler): Promise<readonly OpenSocket[]> {
    try {
      for (const endpoint of this.endpoints) await this.open(endpoint, onDatagram);
      if (this.sockets.length === 0 && this.endpoints.length > 0) throw new NetWeaverError('NW_PORT_IN_USE', 'None of collector.addresses exists on this machine.');
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this.sockets.map(({ open }) => open);
  }

  private async open(endpoint: Endpoint, onDatagram: DatagramHandler): Promise<void> {
    const { address, port, key } = endpoint;
    const six = isIPv6(address);
    const socket = createSocket({ type: six ? 'udp6' : 'udp4', ipv6Only: six, recvBufferSize: this.receiveBuffer || undefined });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ address, port, exclusive: true }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      socket.close();
      const code = String((error as NodeJS.ErrnoException).code);
      if (address === '::' && NO_IPV6.has(code)) return;
      throw new NetWeaverError('NW_PORT_IN_USE', `UDP ${six ? `[${address}]` : address}:${port} (${key}): ${code}.`, { cause: error });
    }
    socket.on('error', this.onError);
    socket.on('message', (payload, from) => onDatagram(payload, from.address, Date.now()));
    this.sockets.push({ socket, open: { address, port: socket.address().port, key, receiveBuffer: socket.getRecvBufferSize() } });
  }

  async stop(): Promise<void> {
    const { sockets } = this;
    this.sockets = [];
    await Promise.all(sockets.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  drops(): number {
    const ports = new Set(this.sockets.map(({ open }) => open.port));
    return kernelDrops('/proc/net/udp', ports) + kernelDrops('/proc/net/udp6', ports);
  }
}

/** Sum of the column `drops` of the sockets on those local ports (Linux, `udp_seq_show`); 0 where there is no such file. */
export function kernelDrops(file: string, ports: ReadonlySet<number>): number {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return 0;
  }
  let sum = 0;
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns.length >= 13 && ports.has(parseInt(columns[1].split(':')[1], 16))) sum += Number(columns[columns.length - 1]);
  }
  return sum;
}
