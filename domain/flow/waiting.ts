/**
 * Data that came before its template: kept, within bounds, until the template comes, and decoded then with the times and the identity
 * of its own datagram. Oldest data goes first where there is no room; that of streams with a single datagram has half
 * of the room at most, so that made-up exporters do not push out real ones.
 */
import type { Stream } from './streams';
import { UseOrder } from './use-order';

/** Bounds. Where `totalBytes` is 0, nothing is kept. */
export interface WaitingLimits {
  readonly totalBytes: number;
  readonly perExporterBytes: number;
  readonly ageMs: number;
}

/** Bytes of memory for a datagram beside its sets. */
const OVERHEAD = 320;

/** Header of a datagram whose data waits; times in milliseconds. */
export interface WaitingHeader {
  readonly v9: boolean;
  readonly sequence: number;
  readonly contentHash: number;
  readonly exportMs: number;
  readonly receiveMs: number;
  /** sysUpTime; -1 where the header has none. */
  readonly uptime: number;
  readonly thinning: number;
}

/** A datagram of which sets wait. */
export interface Waiting extends WaitingHeader {
  readonly stream: Stream;
  /** Set ids and their bodies, in the order of the datagram. */
  sets: { readonly id: number; readonly body: Uint8Array; readonly index: number }[];
  /** True once flows of it were written. */
  emitted: boolean;
  /** True where it is the first of its stream. */
  readonly stranger: boolean;
  bytes: number;
}

/** All that waits. */
export class WaitingData {
  /** Datagrams waiting now. */
  size = 0;
  bytes = 0;
  /** Datagrams of which data was decoded late. */
  decoded = 0;
  /** Datagrams given up: too old, or no room. */
  tooOld = 0;
  noRoom = 0;
  private strangerBytes = 0;
  private readonly strangers = new UseOrder<Waiting, Waiting>();
  private readonly known = new UseOrder<Waiting, Waiting>();
  private readonly exporters = new Map<string, number>();

  constructor(readonly limits: WaitingLimits) {}

  /** A datagram of which a set waits; null where nothing is kept. */
  open(stream: Stream, header: WaitingHeader): Waiting | null {
    if (this.limits.totalBytes <= 0) return null;
    const waiting: Waiting = { stream, ...header, sets: [], emitted: false, stranger: stream.datagrams === 0, bytes: 0 };
    (stream.waiting ??= []).push(waiting);
    this.orderOf(waiting).put(waiting, waiting);
    this.size++;
    this.charge(waiting, OVERHEAD);
    return waiting;
  }

  /** Keeps a set: the bytes are copied. `index`: its place in the datagram. */
  add(waiting: Waiting, id: number, body: Uint8Array, index: number): void {
    if (!this.holds(waiting)) return;
    waiting.sets.push({ id, body: body.slice(), index });
    this.charge(waiting, body.length + 64);
    this.makeRoom(waiting);
  }

  /** What waits of it is decoded or given up. */
  close(waiting: Waiting): void {
    if (this.orderOf(waiting).delete(waiting)) this.remove(waiting);
  }

  private remove(waiting: Waiting): void {
    this.size--;
    this.charge(waiting, -waiting.bytes);
    const { stream } = waiting;
    if (!stream.waiting) return;
    const at = stream.waiting.indexOf(waiting);
    if (at >= 0) stream.waiting.splice(at, 1);
    if (stream.waiting.length === 0) stream.waiting = null;
  }

  /** Some of its sets were decoded. */
  shrink(waiting: Waiting, left: Waiting['sets']): void {
    const bytes = waiting.sets.reduce((sum, { body }) => sum + body.length + 64, 0) - left.reduce((sum, { body }) => sum + body.length + 64, 0);
    waiting.sets = left;
    this.charge(waiting, -bytes);
  }

  /** Gives up what is too old at `nowMs`. */
  expire(nowMs: number): void {
    for (const order of [this.strangers, this.known]) {
      for (const waiting of order.values()) {
        if (nowMs - waiting.receiveMs <= this.limits.ageMs) break;
        this.close(waiting);
        this.tooOld++;
      }
    }
  }

  /** Gives up what waits of a stream. */
  forget(stream: Stream): void {
    for (const waiting of [...(stream.waiting ?? [])]) this.giveUp(waiting);
  }

  private giveUp(waiting: Waiting): void {
    this.close(waiting);
    this.noRoom++;
  }

  private makeRoom(newest: Waiting): void {
    const { totalBytes, perExporterBytes } = this.limits;
    const { address } = newest.stream.source;
    while ((this.exporters.get(address) ?? 0) > perExporterBytes && newest.stream.waiting) this.giveUp(newest.stream.waiting[0]); // the oldest, at last itself
    while (this.strangerBytes > totalBytes / 2) this.giveUpOldest();
    while (this.bytes > totalBytes) this.giveUpOldest();
  }

  private giveUpOldest(): void {
    this.remove((this.strangers.takeOldest() ?? this.known.takeOldest())!);
    this.noRoom++;
  }

  private holds(waiting: Waiting): boolean {
    return this.orderOf(waiting).has(waiting);
  }

  private orderOf({ stranger }: Waiting): UseOrder<Waiting, Waiting> {
    return stranger ? this.strangers : this.known;
  }

  private charge(waiting: Waiting, bytes: number): void {
    const { address } = waiting.stream.source;
    waiting.bytes += bytes;
    this.bytes += bytes;
    const left = (this.exporters.get(address) ?? 0) + bytes;
    if (left > 0) this.exporters.set(address, left);
    else this.exporters.delete(address);
    if (waiting.stranger) this.strangerBytes += bytes;
  }
}
