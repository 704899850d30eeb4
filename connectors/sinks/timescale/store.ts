import { once } from 'node:events';
import type { Client, Pool, PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { databaseErrorCode } from '../../../infra/database/pool';
import { NetWeaverError } from '../../../infra/errors';
import { placeOf, type Position, type TopicPartition } from '../../../infra/log/log';
import type { SinkBatch, Step } from './batch';
import type { Flavour } from './migrate';
import { copyStatement, TABLES, type SinkTable, type TableKey } from './tables';

/** Length of the messages that carry a COPY. */
const SLICE_BYTES = 4 << 20;

/** Another sink has stored what this one was about to store: nothing was written. Read the positions again. */
export class SupersededError extends Error {
  constructor(steps: readonly Step[]) {
    super(`another sink has written one of ${steps.map(placeOf).join(', ')}`);
    this.name = 'SupersededError';
  }
}

/**
 * The database as the sink uses it.
 *
 * Delivery: exactly once. A batch's rows and the new offsets of its partitions are one transaction, which begins by moving the
 * offsets from what they must be: where another sink has moved them, nothing is written.
 */
export class Store {
  /** Partitions of native tables known to exist: `<table>/<start, ms>`. */
  private readonly known = new Set<string>();

  constructor(
    private readonly pool: Pool,
    private readonly group: string,
    private readonly flavour: Flavour,
    private readonly writeTimeoutMs: number,
  ) {}

  /** Where the database stands, for each of these partitions; a partition never stored is at 0, and noted so. */
  async positions(partitions: readonly TopicPartition[]): Promise<Position[]> {
    const topics = partitions.map(({ topic }) => topic);
    const numbers = partitions.map(({ partition }) => partition);
    await this.pool.query('INSERT INTO sink_offsets (sink_group, topic, partition, next_offset) SELECT $1, t, p, 0 FROM unnest($2::text[], $3::int[]) AS u(t, p) ON CONFLICT DO NOTHING', [this.group, topics, numbers]);
    const { rows } = await this.pool.query<{ topic: string; partition: number; next: string }>(
      'SELECT topic, partition, next_offset AS next FROM sink_offsets JOIN unnest($2::text[], $3::int[]) AS u(t, p) ON topic = t AND partition = p WHERE sink_group = $1',
      [this.group, topics, numbers],
    );
    return rows.map(({ topic, partition, next }) => ({ topic, partition, next: Number(next) }));
  }

  /** Stores a batch. @throws SupersededError; errors of the driver */
  async write(batch: SinkBatch): Promise<void> {
    try {
      await this.transaction(batch);
    } catch (error) {
      // A partition is not there: dropped since it was made. It is made again, once.
      if (this.flavour !== 'native' || databaseErrorCode(error) !== '23514' || this.known.size === 0) throw error;
      this.known.clear();
      await this.transaction(batch);
    }
  }

  private async transaction(batch: SinkBatch): Promise<void> {
    if (this.flavour === 'native') await this.ensurePartitions(batch);
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    // Ends the connection, and whatever waits for it fails.
    const timer = setTimeout(() => void (client as unknown as Client).end(), this.writeTimeoutMs);
    try {
      await client.query('BEGIN');
      await this.moveOffsets(client, [...batch.steps.values()]);
      for (const key of Object.keys(TABLES) as TableKey[]) await this.copy(client, TABLES[key], batch.tables[key].out);
      if (this.flavour === 'native') await this.mark(client, batch);
      await batch.sightings.store(client);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch((rollback: Error) => (broken ??= rollback));
      throw error;
    } finally {
      clearTimeout(timer);
      client.off('error', onError);
      client.release(broken);
    }
  }

  private async moveOffsets(client: PoolClient, steps: readonly Step[]): Promise<void> {
    const { rowCount } = await client.query(
      `UPDATE sink_offsets o SET next_offset = u.next, updated_at = now()
       FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS u(topic, partition, expected, next)
       WHERE o.sink_group = $1 AND o.topic = u.topic AND o.partition = u.partition AND o.next_offset = u.expected`,
      [this.group, steps.map((s) => s.topic), steps.map((s) => s.partition), steps.map((s) => s.expected), steps.map((s) => s.next)],
    );
    if (rowCount !== steps.length) throw new SupersededError(steps);
  }

  private async copy(client: PoolClient, table: SinkTable, out: { rows: number; finished(): Buffer }): Promise<void> {
    if (out.rows === 0) return;
    const stream = client.query(copyFrom(copyStatement(table)));
    const failed = new Promise<never>((_, reject) => stream.once('error', reject));
    failed.catch(() => undefined);
    const message = out.finished();
    // One piece after the other: what is not yet handed over is not sent after an error. The buffer is not copied.
    for (let at = 0; at < message.length; at += SLICE_BYTES) {
      await Promise.race([failed, new Promise((written) => stream.write(message.subarray(at, at + SLICE_BYTES), written))]);
    }
    const finished = once(stream, 'finish');
    stream.end();
    await Promise.race([failed, finished]);
  }

  /** Marks for the rollups, in the same transaction. */
  private async mark(client: PoolClient, batch: SinkBatch): Promise<void> {
    for (const key of Object.keys(TABLES) as TableKey[]) {
      const { rollup }: SinkTable = TABLES[key];
      const { buckets } = batch.tables[key];
      if (rollup === undefined || buckets.size === 0) continue;
      const times = [...buckets].map((bucket) => bucket * (rollup.bucketMs / 1000));
      await client.query('INSERT INTO rollup_marks (rollup, bucket) SELECT $1, to_timestamp(t) FROM unnest($2::float8[]) AS t', [rollup.name, times]);
    }
  }

  private async ensurePartitions(batch: SinkBatch): Promise<void> {
    for (const key of Object.keys(TABLES) as TableKey[]) {
      const table = TABLES[key];
      const starts = new Set<number>();
      for (const bucket of batch.tables[key].buckets) {
        const start = Math.floor((bucket * table.noteMs) / table.chunkMs) * table.chunkMs;
        if (!this.known.has(`${table.name}/${start}`)) starts.add(start);
      }
      if (starts.size === 0) continue;
      await this.pool.query('SELECT ensure_partitions($1, (SELECT array_agg(to_timestamp(t / 1000.0)) FROM unnest($2::float8[]) AS t))', [table.name, [...starts]]);
      if (this.known.size > 100_000) this.known.clear();
      for (const start of starts) this.known.add(`${table.name}/${start}`);
    }
  }
}

/** @throws NW_SINK_OFFSETS_AHEAD where the database has seen more of a partition than there is */
export function checkAgainstLog(position: Position, end: number): void {
  if (position.next > end) throw new NetWeaverError('NW_SINK_OFFSETS_AHEAD', `${placeOf(position)} is stored up to ${position.next}, but ends at ${end}.`);
}
