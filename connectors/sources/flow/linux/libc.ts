/**
 * The C library's socket calls, through koffi: what node's `dgram` does not open. Linux on x64 and arm64, glibc or musl; the
 * constants are those of asm-generic, the layouts those of LP64, little-endian.
 */
import type * as Koffi from 'koffi' with { 'resolution-mode': 'import' };
import { NetWeaverError } from '../../../../infra/errors';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

/** Memory outside JavaScript's heap: it never moves, so that system calls may be given its address. */
export interface Memory {
  readonly address: bigint;
  readonly buffer: ArrayBuffer;
}

/** The calls; each answers -1 for a failure, which {@link Libc.error} then names. */
export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: bigint, length: number) => number;
  readonly getsockname: (fd: number, address: bigint, length: bigint) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: bigint, length: number) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: bigint, length: bigint) => number;
  readonly recvmmsg: (fd: number, messages: bigint, count: number, flags: number, timeout: null) => number;
  readonly dup: (fd: number) => number;
  readonly close: (fd: number) => number;
  /** Index of an interface; 0 where there is none of that name. */
  readonly interfaceIndex: (name: string) => number;
  /** Zeroed memory that lasts as long as the process. */
  memory(bytes: number): Memory;
  /** Name of the last failure of a call, e.g. `EADDRINUSE`. */
  error(): string;
}

let loaded: Libc | undefined;

/** The calls. @throws NW_CONFIG_INVALID (of `collector.receiver`) where they are not to be had */
export function libc(): Libc {
  return (loaded ??= load());
}

function load(): Libc {
  const unavailable = (why: string, cause?: unknown): NetWeaverError => new NetWeaverError('NW_CONFIG_INVALID', `collector.receiver: the Linux receiver cannot be used: ${why}.`, { cause });
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) throw unavailable(`this is ${platform} on ${arch}`);
  try {
    // Native: not touched where it is not used.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return declare(require('koffi') as typeof Koffi);
  } catch (error) {
    throw unavailable(`koffi does not load (${(error as Error).message.split('\n')[0]})`, error);
  }
}

function declare(koffi: typeof Koffi): Libc {
  const library = koffi.load(null);
  const name = library.func('uint32_t if_nametoindex(const char *name)');
  return {
    socket: library.func('int socket(int domain, int type, int protocol)') as Libc['socket'],
    bind: library.func('int bind(int fd, void *address, uint32_t length)') as Libc['bind'],
    getsockname: library.func('int getsockname(int fd, void *address, void *length)') as Libc['getsockname'],
    setsockopt: library.func('int setsockopt(int fd, int level, int name, void *value, uint32_t length)') as Libc['setsockopt'],
    getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, void *length)') as Libc['getsockopt'],
    recvmmsg: library.func('int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)') as Libc['recvmmsg'],
    dup: library.func('int dup(int fd)') as Libc['dup'],
    close: library.func('int close(int fd)') as Libc['close'],
    interfaceIndex: name as Libc['interfaceIndex'],
    memory: (bytes) => {
      const pointer: unknown = koffi.alloc('uint8_t', bytes);
      return { address: koffi.address(pointer), buffer: koffi.view(pointer, bytes) };
    },
    error: () => {
      const number = koffi.errno();
      return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
    },
  };
}
