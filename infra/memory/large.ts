/**
 * Memory for tables of many megabytes that are read here and there. Two things make each such read cheaper, and neither
 * changes what is read: rows that begin where a cache line does, and pages of 2 MB (Linux: transparent huge pages, asked
 * for by madvise, which the distributions allow by default), because the processor then knows where each page lies.
 *
 * Both go through koffi. Where it does not load, where the system has no madvise or does not allow it, memory is as ever.
 */
import type * as Koffi from 'koffi' with { 'resolution-mode': 'import' };

/** Where in a buffer the memory begins. */
export interface Room {
  readonly buffer: ArrayBuffer;
  /** A multiple of 8 below {@link LINE}. */
  readonly offset: number;
}

/** Bytes of a cache line. */
export const LINE = 64;
/** Bytes from which the place of memory matters: what the nearest caches hold is as fast anywhere. */
const LARGE = 2 ** 20;
/** Bytes from which huge pages are asked for. */
const HUGE = 2 ** 22;
/** Bytes of a page: what madvise counts in, or a divisor of that. */
const PAGE = 4096;
/** Of Linux, <asm-generic/mman-common.h>. */
const MADV_HUGEPAGE = 14;

interface Native {
  address(buffer: ArrayBuffer): number;
  madvise(address: number, bytes: number, advice: number): number;
}

let native: Native | null | undefined;

/** Room for so many bytes, all zero. */
export function roomFor(bytes: number): Room {
  if (bytes < LARGE) return { buffer: new ArrayBuffer(bytes), offset: 0 };
  const buffer = new ArrayBuffer(bytes + LINE);
  native ??= load();
  if (native === null) return { buffer, offset: 0 };
  const address = native.address(buffer);
  if (bytes >= HUGE) {
    const first = Math.ceil(address / PAGE) * PAGE;
    native.madvise(first, Math.floor((address + bytes - first) / PAGE) * PAGE, MADV_HUGEPAGE);
  }
  return { buffer, offset: (LINE - (address % LINE)) % LINE };
}

function load(): Native | null {
  if (process.platform !== 'linux') return null;
  try {
    // Native: not touched where it is not used.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const koffi = require('koffi') as typeof Koffi;
    const madvise = koffi.load(null).func('int madvise(uintptr_t, size_t, int)') as Native['madvise'];
    return { address: (buffer) => Number(koffi.address(buffer)), madvise };
  } catch {
    return null;
  }
}
