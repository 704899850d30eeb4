/** Receives through node's `dgram`: everywhere, at one callback a datagram. */
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { addressBytes } from '../../../domain/flow/prefix';
import { NetWeaverError } from '../../../infra/errors';
import { Peers } from './peers';
import type { DatagramHandler, Endpoint, OpenSocket, Receiver, SocketState } from './receiver';

/** Codes of a system without IPv6: `::` is then left out. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

export class DgramReceiver implements Receiver {
  private readonly peers = new Peers();
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
    socket.on('message', (payload, from) => onDatagram(payload, this.peers.of(from.address, from.port), Date.now()));
    this.sockets.push({ socket, open: { address, port: socket.address().port, key, receiveBuffer: socket.getRecvBufferSize() } });
  }

  async stop(): Promise<void> {
    const { sockets } = this;
    this.sockets = [];
    await Promise.all(sockets.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  state(): readonly SocketState[] {
    const rows = [...kernelRows('/proc/net/udp'), ...kernelRows('/proc/net/udp6')];
    return this.sockets.map(({ open }) => {
      const row = rows.find(({ local }) => local === kernelName(open.address, open.port));
      return { ...open, queuedBytes: row?.queuedBytes ?? -1, drops: row?.drops ?? -1, truncated: 0 };
    });
  }
}

/** What the kernel says of a UDP socket. */
export interface KernelRow {
  /** See {@link kernelName}. */
  readonly local: string;
  readonly queuedBytes: number;
  readonly drops: number;
}

/** The rows of `/proc/net/udp` or `udp6` (Linux, `udp_seq_show`); none where there is no such file. */
export function kernelRows(file: string): KernelRow[] {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return [];
  }
  const rows: KernelRow[] = [];
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns.length >= 13) rows.push({ local: columns[1], queuedBytes: parseInt(columns[4].split(':')[1], 16), drops: Number(columns[columns.length - 1]) });
  }
  return rows;
}

/** A local address and port as those files write it: the address as words of 32 bits in the machine's (little-endian) order, in hexadecimal. */
export function kernelName(address: string, port: number): string {
  const bytes = addressBytes(address);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += bytes[(i & ~3) + 3 - (i & 3)].toString(16).padStart(2, '0');
  return `${text}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}
