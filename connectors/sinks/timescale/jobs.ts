import type { Pool } from 'pg';
import { databaseFault } from '../../../infra/database/pool';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { sinkMetrics } from './metrics';
import { TABLES } from './tables';

/** Partitions are made so far ahead that a sink that wakes late finds them. */
const AHEAD_CHUNKS = 2;
const RETENTION_MS = 3_600_000;

/**
 * What TimescaleDB does by its own jobs, done by the sink on a server without it, in one loop: rollups are refreshed and
 * partitions made ahead every `intervalMs`, expired partitions dropped every hour. With several sinks, whoever comes first
 * works and the others find nothing to do. A failed run is logged and tried again; no row depends on it.
 */
export class NativeJobs {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  /** The first retention waits an hour, so that a start never drops what it was started to look at. */
  private retainedAt = performance.now();

  constructor(
    private readonly pool: Pool,
    private readonly telemetry: Telemetry,
    private readonly intervalMs: number,
  ) {}

  start(): void {
    this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round. @throws errors of the driver */
  async run(now = Date.now()): Promise<void> {
    for (const { name, chunkMs } of Object.values(TABLES)) {
      const times = Array.from({ length: AHEAD_CHUNKS + 1 }, (_, i) => now + i * chunkMs);
      await this.pool.query('SELECT ensure_partitions($1, (SELECT array_agg(to_timestamp(t / 1000.0)) FROM unnest($2::float8[]) AS t))', [name, times]);
    }
    const { rows } = await this.pool.query<{ made: number }>('SELECT refresh_rollups() AS made');
    sinkMetrics(this.telemetry).rollupBuckets.inc(rows[0].made);
    if (performance.now() - this.retainedAt >= RETENTION_MS) await this.retain();
  }

  /** Drops what is older than its table keeps it, by the time since it was made. */
  async retain(): Promise<number> {
    this.retainedAt = performance.now();
    const { rows } = await this.pool.query<{ dropped: number }>('SELECT drop_expired_partitions() AS dropped');
    const { dropped } = rows[0];
    if (dropped > 0) this.telemetry.logger.info({ dropped }, 'partitions past their retention were dropped');
    sinkMetrics(this.telemetry).partitionsDropped.inc(dropped);
    return dropped;
  }

  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run()
        .catch((error: unknown) => this.telemetry.logger.warn({ error: error instanceof Error ? error.message : String(error), fault: databaseFault(error) }, 'upkeep of the database failed; it is tried again'))
        .then(() => {
          if (!this.stopped) this.schedule(this.intervalMs);
        });
    }, delayMs);
    this.timer.unref();
  }
}
