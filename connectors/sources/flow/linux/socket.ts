/** A UDP socket through the C library: opened with the options that a collector wants, and asked how it stands. */
import { isIPv6 } from 'node:net';
import { NetWeaverError } from '../../../../infra/errors';
import type { Endpoint, OpenSocket, SharedSocket, SocketState } from '../receiver';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, type Libc, type Memory } from './libc';
import { addressAt, portAt, SOCKADDR, writeSockaddr } from './sockaddr';
import { steeringProgram } from './steering';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_RCVBUFFORCE = 33;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_MEMINFO = 55;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Words of SO_MEMINFO (`SK_MEMINFO_*`, Linux 4.12). */
const RMEM_ALLOC = 0;
const RCVBUF = 1;
const DROPS = 8;
const MEMINFO_WORDS = 9;

/** Codes of a system without IPv6: `::` is then left out. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

/** Scratch for the values of options. The program of {@link steeringProgram} has its place in the second half. */
let scratch: Memory | undefined;
const PROGRAM = 512;

/** An open socket and how it began. */
export interface LinuxSocket {
  readonly fd: number;
  readonly open: OpenSocket;
}

/**
 * Opens a socket; null where `::` was asked for and there is no IPv6. `sharedBy` > 0 lets that many sockets share the port, and has the
 * kernel choose among them by the sender's address: the n-th that is opened on the port is n in `socketOf`.
 * @throws NW_PORT_IN_USE naming the key
 */
export function openSocket(libc: Libc, endpoint: Endpoint, receiveBuffer: number, sharedBy = 0): LinuxSocket | null {
  const { address, port, key } = endpoint;
  const six = isIPv6(address);
  const { address: at, buffer } = (scratch ??= libc.memory(1024));
  const view = new DataView(buffer);
  let fd = -1;
  const check = (result: number): void => {
    if (result === -1) throw new Error(libc.error());
  };
  const set = (level: number, name: number, value: number): number => {
    view.setInt32(0, value, true);
    return libc.setsockopt(fd, level, name, at, 4);
  };
  try {
    check((fd = libc.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
    if (six) check(set(IPPROTO_IPV6, IPV6_V6ONLY, 1));
    if (sharedBy > 0) check(set(SOL_SOCKET, SO_REUSEPORT, 1));
    // Beyond net.core.rmem_max for those who may (CAP_NET_ADMIN).
    if (receiveBuffer > 0 && set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer) === -1) check(set(SOL_SOCKET, SO_RCVBUF, receiveBuffer));
    check(libc.bind(fd, at, writeSockaddr(view, 0, address, port, libc.interfaceIndex)));
    if (sharedBy > 0) check(steer(libc, fd, sharedBy));
    return { fd, open: { ...described(libc, fd), address, key } };
  } catch (error) {
    if (fd !== -1) libc.close(fd);
    const code = (error as Error).message;
    if (address === '::' && NO_IPV6.has(code)) return null;
    throw new NetWeaverError('NW_PORT_IN_USE', `UDP ${six ? `[${address}]` : address}:${port} (${key}): ${code}.`, { cause: error });
  }
}

/** A socket that somebody else opened, by a descriptor of our own: closing it leaves the other's open. */
export function adoptSocket(libc: Libc, { fd: theirs, key }: SharedSocket): LinuxSocket {
  const fd = libc.dup(theirs);
  if (fd === -1) throw new Error(`taking over the socket of ${key}: ${libc.error()}`);
  return { fd, open: { ...described(libc, fd), key } };
}

/** How a socket stands. */
export function socketState(libc: Libc, { fd, open }: LinuxSocket, truncated: number): SocketState {
  const info = memoryInfo(libc, fd);
  return { ...open, queuedBytes: info?.[RMEM_ALLOC] ?? -1, drops: info?.[DROPS] ?? -1, truncated };
}

/** `struct sock_fprog`: number of instructions, pointer to them. */
function steer(libc: Libc, fd: number, count: number): number {
  const { address, buffer } = scratch!;
  const program = steeringProgram(count);
  new Uint8Array(buffer).set(program, PROGRAM);
  const view = new DataView(buffer);
  view.setBigUint64(0, BigInt(program.length / 8), true);
  view.setBigUint64(8, address + BigInt(PROGRAM), true);
  return libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, address, 16);
}

function described(libc: Libc, fd: number): { address: string; port: number; receiveBuffer: number } {
  const { address, buffer } = (scratch ??= libc.memory(1024));
  const view = new DataView(buffer);
  view.setUint32(64, SOCKADDR, true);
  if (libc.getsockname(fd, address, address + 64n) === -1) throw new Error(libc.error());
  return { address: addressAt(view, 0), port: portAt(view, 0), receiveBuffer: memoryInfo(libc, fd)?.[RCVBUF] ?? 0 };
}

function memoryInfo(libc: Libc, fd: number): Uint32Array | null {
  const { address, buffer } = (scratch ??= libc.memory(1024));
  const words = new Uint32Array(buffer, 0, 32);
  words[16] = 4 * MEMINFO_WORDS;
  return libc.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, address, address + 64n) === -1 ? null : words.slice(0, MEMINFO_WORDS);
}
