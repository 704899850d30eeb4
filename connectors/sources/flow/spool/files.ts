/**
 * The files of a spool: segments of frames, numbered in the order in which they were written, read from the front and deleted
 * when everything in them was delivered. Bounded: where there is no more room the oldest segment goes, and what was unread in it is counted.
 *
 * Durability: a frame that {@link SpoolFiles.write} has resolved for is in the system's page cache: it survives the end of the process however
 * it ends, kill -9 too. Segments are synced to disk once a second while they are written, so a machine that loses power loses about the
 * last second. At the next start a torn end is cut off and counted.
 */
import { mkdir, open, readdir, readFile, rename, rm, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { claim, release } from './claim';
import { FRAME_HEADER, isWhole, readFrameHeader, type FrameHeader } from './frame';

const SUFFIX = '.segment';
const POSITION = 'position';
const MAX_SEGMENT = 64 * 2 ** 20;
const MIN_SEGMENT = 64 * 2 ** 10;
/** Bytes read at once. */
const CHUNK = 2 ** 20;
/** How often segments are synced while written, and the position is saved while read. Milliseconds. */
const SETTLE_MS = 1000;

/** A place between two frames. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Batches (frames) and the flows in them. */
export interface Tally {
  batches: number;
  flows: number;
}

interface Segment extends Tally {
  readonly number: number;
  readonly path: string;
  /** Bytes of whole frames. */
  size: number;
  /** Bytes of them that were read, and what was in those. */
  readonly read: Tally & { offset: number };
}

const newSegment = (number: number, path: string): Segment => ({ number, path, size: 0, batches: 0, flows: 0, read: { offset: 0, batches: 0, flows: 0 } });

/** What was lost. */
export interface SpoolLosses {
  /** Dropped for want of room. */
  readonly dropped: Tally;
  /** Found damaged: a wrong checksum, or no frame where one should begin. */
  readonly damaged: Tally;
  /** Bytes cut off at the start: writes that a kill or a power cut had interrupted. */
  tornBytes: number;
}

export class SpoolFiles {
  readonly losses: SpoolLosses = { dropped: { batches: 0, flows: 0 }, damaged: { batches: 0, flows: 0 }, tornBytes: 0 };
  private readonly segments: Segment[] = [];
  /** The greatest number of a segment that was written. */
  private last = 0;
  private committed: Position = { segment: 0, offset: 0 };
  private saved: Position = this.committed;
  private readonly segmentBytes: number;
  private writer: { readonly file: FileHandle; readonly segment: Segment } | null = null;
  private reader: { readonly file: FileHandle; readonly number: number } | null = null;
  private readonly settling: NodeJS.Timeout;
  private unsynced = false;
  private busy: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.segmentBytes = Math.min(MAX_SEGMENT, Math.max(MIN_SEGMENT, Math.floor(maxBytes / 16)));
    this.settling = setInterval(() => this.settle(), SETTLE_MS);
    this.settling.unref();
  }

  /** Takes a folder, made where it is missing, with what an earlier process left in it. @throws NW_SPOOL_UNUSABLE, and the system's errors as they are */
  static async open(folder: string, maxBytes: number): Promise<SpoolFiles> {
    await mkdir(folder, { recursive: true });
    claim(folder);
    const files = new SpoolFiles(folder, maxBytes);
    try {
      await files.recover();
      return files;
    } catch (error) {
      clearInterval(files.settling);
      release(folder);
      throw error;
    }
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Batches and flows not read yet. */
  get unread(): Tally {
    const sum = { batches: 0, flows: 0 };
    for (const { batches, flows, read } of this.segments) {
      sum.batches += batches - read.batches;
      sum.flows += flows - read.flows;
    }
    return sum;
  }

  get unreadBytes(): number {
    return this.segments.reduce((sum, { size, read }) => sum + size - read.offset, 0);
  }

  /** Writes a frame at the end; its end. The frame is whole in the page cache, or nothing of it counts. @throws the system's errors as they are */
  async write(frame: Buffer): Promise<Position> {
    const header = readFrameHeader(frame)!;
    if (this.writer && this.writer.segment.size > 0 && this.writer.segment.size + frame.length > this.segmentBytes) await this.closeWriter();
    while (this.segments.length > 1 && this.bytes + frame.length > this.maxBytes) await this.dropOldest();
    const { file, segment } = this.writer ?? (await this.begin());
    try {
      for (let done = 0; done < frame.length; ) done += (await file.write(frame, done, frame.length - done, segment.size + done)).bytesWritten;
    } catch (error) {
      await this.abandon();
      throw error;
    }
    this.unsynced = true;
    segment.size += frame.length;
    segment.batches++;
    segment.flows += header.flows;
    return { segment: segment.number, offset: segment.size };
  }

  /** The next frames, checked, about {@link CHUNK} bytes of them; none where all was read. Damage is counted and passed over. */
  async read(): Promise<{ readonly frame: Buffer; readonly end: Position }[]> {
    for (;;) {
      const segment = this.segments.find(({ read, size }) => read.offset < size);
      if (!segment) return [];
      const { offset } = segment.read;
      const until = segment.size;
      const file = await this.fileOf(segment);
      let chunk = await bytesAt(file, offset, Math.min(until - offset, CHUNK));
      const first = readFrameHeader(chunk);
      if (first !== null && first.size > chunk.length && offset + first.size <= until) chunk = await bytesAt(file, offset, first.size);
      // Meanwhile the segment may have been dropped to make room: what was in it is counted already.
      if (!this.segments.includes(segment)) continue;
      const frames = this.framesOf(segment, chunk, until);
      if (frames.length > 0) return frames;
    }
  }

  /** Takes the whole frames at the start of `chunk`; where no frame begins, the rest of the segment is given up. */
  private framesOf(segment: Segment, chunk: Buffer, until: number): { readonly frame: Buffer; readonly end: Position }[] {
    const frames: { readonly frame: Buffer; readonly end: Position }[] = [];
    const { damaged } = this.losses;
    for (let at = 0; at < chunk.length; ) {
      const header = readFrameHeader(chunk.subarray(at));
      if (header === null ? chunk.length - at >= FRAME_HEADER || segment.read.offset + chunk.length - at >= until : segment.read.offset + header.size > until) {
        damaged.batches++;
        segment.read.offset = until;
        break;
      }
      if (header === null || at + header.size > chunk.length) break;
      advance(segment, header);
      const frame = chunk.subarray(at, (at += header.size));
      if (isWhole(frame, header)) frames.push({ frame, end: { segment: segment.number, offset: segment.read.offset } });
      else {
        damaged.batches++;
        damaged.flows += header.flows;
      }
    }
    return frames;
  }

  /** The frame just written need not be read: the log has its records already. Only where nothing before it is unread. */
  skip(header: FrameHeader): void {
    const segment = this.segments.at(-1);
    if (segment) advance(segment, header);
  }

  /** Everything before `position` is delivered. */
  commit(position: Position): void {
    if (position.segment < this.committed.segment || (position.segment === this.committed.segment && position.offset <= this.committed.offset)) return;
    this.committed = position;
    while (this.segments.length > 0 && this.segments[0].number < position.segment) this.forget(this.segments[0]);
  }

  /** Everything is delivered. */
  async clear(): Promise<void> {
    const delivered = [...this.segments];
    await this.closeWriter();
    for (const segment of delivered) this.forget(segment);
  }

  /** Gives the folder back; what is in it is found at the next start. */
  async close(): Promise<void> {
    clearInterval(this.settling);
    await this.busy;
    await this.closeWriter();
    await this.reader?.file.close();
    await this.save();
    release(this.folder);
  }

  private async recover(): Promise<void> {
    const numbers = (await readdir(this.folder)).filter((name) => name.endsWith(SUFFIX)).map((name) => parseInt(name, 10)).sort((a, b) => a - b);
    for (const number of numbers) await this.walk(newSegment(number, this.pathOf(number)));
    const position = await this.savedPosition();
    if (position === null) return;
    this.committed = this.saved = position;
    for (const segment of [...this.segments]) if (segment.number < position.segment) this.forget(segment);
    // Counts what was delivered of the segment that the position is in.
    const segment = this.segments[0];
    if (segment?.number !== position.segment) return;
    const file = await open(segment.path, 'r');
    try {
      while (segment.read.offset < Math.min(position.offset, segment.size)) {
        const header = await headerAt(file, segment.read.offset);
        if (header === null) break;
        advance(segment, header);
      }
    } finally {
      await file.close();
    }
  }

  /** Goes from frame to frame; cuts off what is no whole frame at the end. The last frame's checksum tells whether it is whole. */
  private async walk(segment: Segment): Promise<void> {
    const file = await open(segment.path, 'r');
    let end: number;
    try {
      end = (await file.stat()).size;
      for (;;) {
        const header = await headerAt(file, segment.size);
        if (header === null || segment.size + header.size > end) break;
        if (segment.size + header.size === end) {
          const frame = Buffer.allocUnsafe(header.size);
          await file.read(frame, 0, header.size, segment.size);
          if (!isWhole(frame, header)) break;
        }
        segment.size += header.size;
        segment.batches++;
        segment.flows += header.flows;
      }
    } finally {
      await file.close();
    }
    if (end > segment.size) {
      this.losses.tornBytes += end - segment.size;
      await truncate(segment.path, segment.size);
    }
    if (segment.size === 0) await rm(segment.path, { force: true });
    else this.segments.push(segment);
  }

  private async savedPosition(): Promise<Position | null> {
    try {
      const { segment, offset } = JSON.parse(await readFile(join(this.folder, POSITION), 'utf8')) as Position;
      return Number.isSafeInteger(segment) && Number.isSafeInteger(offset) ? { segment, offset } : null;
    } catch {
      return null;
    }
  }

  private pathOf(number: number): string {
    return join(this.folder, `${String(number).padStart(12, '0')}${SUFFIX}`);
  }

  private async begin(): Promise<{ readonly file: FileHandle; readonly segment: Segment }> {
    // A number is never used again: the saved position may name it.
    const number = Math.max(this.segments.at(-1)?.number ?? 0, this.committed.segment, this.last) + 1;
    this.last = number;
    const segment = newSegment(number, this.pathOf(number));
    const file = await open(segment.path, 'w');
    this.writer = { file, segment };
    this.segments.push(segment);
    return this.writer;
  }

  private async closeWriter(): Promise<void> {
    const { writer } = this;
    this.writer = null;
    if (!writer) return;
    if (this.unsynced) await writer.file.datasync().catch(() => undefined);
    this.unsynced = false;
    await writer.file.close();
  }

  /** After a write that failed: what was written of the frame is cut off, and the next frame begins another segment. */
  private async abandon(): Promise<void> {
    const { writer } = this;
    this.writer = null;
    if (!writer) return;
    const { file, segment } = writer;
    await file.truncate(segment.size).catch(() => undefined);
    await file.close().catch(() => undefined);
    if (segment.size === 0) this.forget(segment);
  }

  private async dropOldest(): Promise<void> {
    const [oldest] = this.segments;
    if (this.writer?.segment === oldest) await this.closeWriter();
    this.losses.dropped.batches += oldest.batches - oldest.read.batches;
    this.losses.dropped.flows += oldest.flows - oldest.read.flows;
    this.forget(oldest);
  }

  /** Takes the oldest segment off the list and its file off the disk; reading goes on with the next. */
  private forget(segment: Segment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
    if (this.reader?.number === segment.number) {
      void this.reader.file.close().catch(() => undefined);
      this.reader = null;
    }
    void rm(segment.path, { force: true }).catch(() => undefined);
  }

  private async fileOf(segment: Segment): Promise<FileHandle> {
    if (this.reader?.number === segment.number) return this.reader.file;
    await this.reader?.file.close();
    this.reader = null;
    const file = await open(segment.path, 'r');
    this.reader = { file, number: segment.number };
    return file;
  }

  /** Once a second. */
  private settle(): void {
    const { writer } = this;
    if (this.unsynced && writer) {
      this.unsynced = false;
      void writer.file.datasync().catch(() => undefined);
    }
    if (this.saved !== this.committed) this.busy = this.busy.then(() => this.save());
  }

  private async save(): Promise<void> {
    const position = this.committed;
    const file = join(this.folder, POSITION);
    try {
      await writeFile(`${file}.new`, JSON.stringify(position));
      await rename(`${file}.new`, file);
      this.saved = position;
    } catch {
      // An older position brings batches twice, which is allowed.
    }
  }
}

function advance({ read }: Segment, header: FrameHeader): void {
  read.offset += header.size;
  read.batches++;
  read.flows += header.flows;
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

const headerAt = async (file: FileHandle, offset: number): Promise<FrameHeader | null> => readFrameHeader(await bytesAt(file, offset, FRAME_HEADER));
