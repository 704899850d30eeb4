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
/** Number of the error that says that nothing is there. */
export const EAGAIN = 11;
/** `mallopt` of glibc. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
/** Freed memory that the process keeps for what it needs next, bytes. */
const KEPT = 64 << 20;
const LARGEST_KEPT = 32 << 20;

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
  /** Number of the last failure of a call. */
  readonly errno: () => number;
  /** Its name, e.g. `EADDRINUSE`. */
  error(): string;
  /**
   * Has the C library keep memory that is freed, up to 64 MiB of it, instead of giving each batch's back to the system and having it faulted in and
   * cleared again for the next: a tenth of the cost of a collector. Does nothing where it is not glibc.
   */
  keepFreedMemory(): void;
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
    errno: () => koffi.errno(),
    keepFreedMemory: () => {
      try {
        const mallopt = library.func('int mallopt(int parameter, int value)') as (parameter: number, value: number) => number;
        mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
        mallopt(M_TRIM_THRESHOLD, KEPT);
      } catch {
        // musl has no such call, and keeps memory by rules of its own.
      }
    },
    error: () => {
      const number = koffi.errno();
      return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
    },
  };
}
