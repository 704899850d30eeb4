import { SpanKind } from '@opentelemetry/api';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, codedDatabaseError, databaseErrorCode, databaseFault } from '../../../infra/database/pool';
import { openDatabase, type Database } from '../../../infra/database/open';
import { hasCode, NetWeaverError } from '../../../infra/errors';
import { placeOf, type GroupMember, type LogRecord, type Position, type TopicPartition } from '../../../infra/log/log';
import type { Role, RoleContext, RoleFactory } from '../../../infra/role';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { extractSpanContext, extractTrace } from '../../../infra/telemetry/propagation';
import { isForAnother, TopicCodec, topicName, topicsSection } from '../../../topics';
import { SinkBatch, STORED_TOPICS } from './batch';
import { DeadLetters } from './dead-letters';
import { NativeJobs } from './jobs';
import { sinkMetrics } from './metrics';
import { flavourOf, migrate, type Flavour } from './migrate';
import { sinkSection } from './settings';
import { checkAgainstLog, Store, SupersededError } from './store';

/** Spans of one transaction; further records are stored without one. */
const MAX_SPANS = 64;
/** Rows decoded before others of the thread (the transaction under way) have their turn. */
const BREATH_ROWS = 4_096;
/** How long a partition about to be revoked waits for its rows to be stored. */
const REVOKE_WAIT_MS = 5_000;

/** The role `sink`. */
export const createTimescaleSink: RoleFactory = (context, fail) => new TimescaleSink(context, fail);

/**
 * Stores flows, traffic and metrics in PostgreSQL or TimescaleDB. While one batch is being stored the next is decoded; there
 * are no more than two, so memory is bounded. Without the database it pauses its partitions and tries again.
 *
 * Delivery: exactly once into the tables (see {@link Store}): after a crash anywhere it goes on from the offsets in the
 * database. Records that cannot be stored go to dead-letters, at least once. The group's positions on the log follow the
 * database and are for the eye only.
 */
class TimescaleSink implements Role {
  readonly name = 'sink';
  private readonly settings;
  private readonly counters;
  private readonly metrics;
  private readonly errorLog = new RateLimited(10_000);
  /** By the name of the topic. */
  private readonly codecs: ReadonlyMap<string, TopicCodec<unknown>>;
  private database: Database | undefined;
  private store: Store | undefined;
  private member: GroupMember | undefined;
  private deadLetters: DeadLetters | undefined;
  private jobs: NativeJobs | undefined;
  private current: SinkBatch;
  private spare: SinkBatch;
  /** The batch being stored; resolves to false where it was dropped and the positions must be read again. */
  private storing: Promise<boolean> | undefined;
  /** Offsets that the database will hold once everything taken so far is stored, by {@link placeOf}. */
  private readonly taken = new Map<string, number>();
  private readonly toCommit = new Map<string, Position>();
  private rewindWanted = false;
  private paused: readonly TopicPartition[] = [];
  private problem: string | null = 'it has not begun';
  private reportedAt = -Infinity;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {
    const settings = context.config.get(sinkSection);
    // Two installations that share a Kafka, each with its prefix, are two groups.
    this.settings = { ...settings, group: context.config.get(topicsSection).prefix + settings.group };
    this.counters = context.telemetry.component('sink', 'timescale');
    this.metrics = sinkMetrics(context.telemetry);
    this.codecs = new Map(STORED_TOPICS.map((topic) => [topicName(topic, context.config), TopicCodec.forReading(topic, context.registry)]));
    this.current = new SinkBatch(context.config);
    this.spare = new SinkBatch(context.config);
  }

  /** @throws NW_DATABASE_REFUSED, NW_MIGRATION_DRIFT, NW_TOPIC_MISSING; a database that does not answer is waited for */
  async start(): Promise<void> {
    const { config, log, registry } = this.context;
    this.database = await openDatabase(config, { applicationName: 'netweaver-sink', owner: true });
    let flavour: Flavour | undefined;
    try {
      flavour = await this.prepare();
    } catch (error) {
      if (!retryable(error)) throw error;
      this.trouble(error);
    }
    this.deadLetters = await DeadLetters.open(log, registry, config, `sink-${this.settings.instance}`);
    this.loop = this.run(flavour).catch((error: unknown) => this.giveUp(error));
  }

  readiness(): string | null {
    return this.problem;
  }

  async drain(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.member?.close();
    await this.jobs?.stop();
    await this.deadLetters?.close();
    await this.database?.close();
  }

  private giveUp(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.problem = error instanceof Error ? error.message : String(error);
    this.stopping.abort();
    this.fail(error instanceof Error ? error : new Error(String(error)));
  }

  private async prepare(): Promise<Flavour> {
    const { pool } = this.database!;
    return this.settings.migrate ? (await migrate(pool)).flavour : await flavourOf(pool);
  }

  private async run(prepared: Flavour | undefined): Promise<void> {
    const { config, log, telemetry } = this.context;
    const flavour = prepared ?? (await this.retrying(() => this.prepare()));
    const { pool } = this.database!;
    this.store = new Store(pool, this.settings.group, flavour, this.settings.writeTimeoutMs);
    telemetry.logger.info({ flavour }, flavour === 'timescale' ? 'storing in TimescaleDB' : 'storing in PostgreSQL with native partitions');
    if (flavour === 'native') {
      this.jobs = new NativeJobs(pool, telemetry, this.settings.jobsMs);
      this.jobs.start();
    }
    const { group, instance } = this.settings;
    this.member = await log.member({
      group,
      topics: STORED_TOPICS.map((topic) => topicName(topic, config)),
      instanceId: `${group}-${instance}`,
      transactional: false,
      startAt: 'earliest',
      onAssign: (partitions) => this.positions(partitions),
      onRevoke: (partitions, lost) => this.revoked(partitions, lost),
    });
    this.problem = null;
    while (!this.stopping.signal.aborted) await this.turn(this.member);
    await this.finish();
  }

  /** Polls, takes, begins a transaction where one is due. */
  private async turn(member: GroupMember): Promise<void> {
    if (this.rewindWanted) await this.rewind(member);
    const { batchRows, flushMs, pollRecords } = this.settings;
    const { rows } = this.current;
    const age = this.current.empty ? 0 : performance.now() - this.current.openedAt;
    const full = rows >= batchRows;
    if (!this.current.empty && this.storing === undefined && (full || age >= flushMs)) this.begin();
    else if (full && this.storing !== undefined) await this.hold(member, this.storing);
    const wait = this.current.empty ? 100 : this.storing !== undefined ? 25 : Math.max(0, Math.min(100, flushMs - age));
    await this.take(await this.retrying(() => member.poll(pollRecords, full ? 0 : wait)));
    await this.report(member);
  }

  /** Both batches are full: nothing is read until one is stored, but the group hears of us. */
  private async hold(member: GroupMember, storing: Promise<boolean>): Promise<void> {
    const waited = new AbortController();
    await Promise.race([storing, sleep(1_000, undefined, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
    if (this.storing === undefined) return;
    this.paused = member.assignment();
    member.pause(this.paused);
    await this.take(await this.retrying(() => member.poll(1, 0)));
    while (this.storing !== undefined && this.current.rows >= this.settings.batchRows && !this.stopping.signal.aborted && !this.rewindWanted) {
      await Promise.race([this.storing, sleep(1_000)]);
      await this.take(await this.retrying(() => member.poll(1, 0)));
    }
    const assigned = new Set(member.assignment().map(placeOf));
    member.resume(this.paused.filter((at) => assigned.has(placeOf(at))));
    this.paused = [];
  }

  private async take(records: readonly LogRecord[]): Promise<void> {
    let rows = 0;
    for (const record of records) {
      if (this.rewindWanted) return;
      const before = this.current.rows;
      await this.takeOne(record);
      rows += this.current.rows - before;
      if (rows >= BREATH_ROWS) {
        rows = 0;
        await breathe();
      }
    }
  }

  private async takeOne(record: LogRecord): Promise<void> {
    const place = placeOf(record);
    const expected = this.taken.get(place);
    // Not ours any more, or handed out again after a change of the group: stored already.
    if (expected === undefined || record.offset < expected) return;
    const before = this.current.rows;
    if (isForAnother(record.headers, 'timescale')) {
      this.current.pass(record, expected);
      this.taken.set(place, record.offset + 1);
      return;
    }
    try {
      const own = await this.inOurSchema(record);
      if (own === undefined) return;
      this.current.add(own, expected);
      this.counters.received(this.current.rows - before);
      this.trace(record);
    } catch (error) {
      await this.putAside(record, error instanceof NetWeaverError ? error : new NetWeaverError('NW_SINK_VALUE_REFUSED', String(error), { cause: error }));
      this.current.pass(record, expected);
    }
    this.taken.set(place, record.offset + 1);
  }

  /** The record in this program's version of its schema; undefined where the sink stops before that is known. @throws NW_SCHEMA_UNKNOWN, NW_SCHEMA_MALFORMED */
  private async inOurSchema(record: LogRecord): Promise<LogRecord | undefined> {
    const codec = this.codecs.get(record.topic);
    if (codec === undefined || record.value === null || codec.isOwn(record.value)) return record;
    while (!this.stopping.signal.aborted) {
      try {
        return { ...record, value: await codec.toOwn(record.value) };
      } catch (error) {
        if (!hasCode(error, 'NW_REGISTRY_UNREACHABLE')) throw error;
        this.errorLog.note(error.code, (heldBack) => this.context.telemetry.logger.error({ code: error.code, error: error.message, heldBack }, 'the schema of a record is not known yet: asked again'));
        await sleep(1_000, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private trace(record: LogRecord): void {
    const { spans } = this.current;
    if (spans.length >= MAX_SPANS || extractSpanContext(record.headers) === undefined) return;
    const attributes = { 'messaging.operation.type': 'process', 'messaging.destination.name': record.topic, 'messaging.destination.partition.id': String(record.partition), 'messaging.kafka.offset': record.offset };
    spans.push(this.context.telemetry.tracer.startSpan(`store ${record.topic}`, { kind: SpanKind.CONSUMER, attributes }, extractTrace(record.headers)));
  }

  private async putAside(record: LogRecord, error: NetWeaverError): Promise<void> {
    this.counters.error(error.code);
    this.errorLog.note(error.code, (heldBack) => this.context.telemetry.logger.error({ code: error.code, error: error.message, place: placeOf(record), offset: record.offset, heldBack }, 'a record goes to dead-letters'));
    await this.retrying(() => this.deadLetters!.put(record, error));
  }

  /** Begins to store the current batch; the other one becomes the current. */
  private begin(): void {
    const batch = this.current;
    this.current = this.spare;
    this.spare = batch;
    this.storing = this.persist(batch)
      .catch((error: unknown) => {
        this.giveUp(codedDatabaseError(error));
        return false;
      })
      .then((stored) => {
        batch.clear();
        this.storing = undefined;
        if (!stored) this.rewindWanted = true;
        return stored;
      });
  }

  /** Stores a batch, however long it takes; false where another sink was before us. */
  private async persist(batch: SinkBatch): Promise<boolean> {
    const { rows } = batch;
    try {
      await this.retrying(() => this.store!.write(batch));
    } catch (error) {
      if (error instanceof SupersededError) {
        this.context.telemetry.logger.warn({ reason: error.message }, 'the positions are read again');
        return false;
      }
      if (databaseFault(error) !== 'data') throw error;
      return this.persistEach(batch);
    }
    this.stored(batch, rows);
    return true;
  }

  /** The database refuses a value of this batch: record by record, until it is found and put aside. */
  private async persistEach(batch: SinkBatch): Promise<boolean> {
    const single = new SinkBatch(this.context.config);
    const expected = new Map([...batch.steps.values()].map((step) => [placeOf(step), step.expected]));
    for (const record of batch.records) {
      const from = expected.get(placeOf(record))!;
      single.clear();
      single.add(record, from);
      try {
        await this.retrying(() => this.store!.write(single));
        this.stored(single, single.rows);
      } catch (error) {
        if (error instanceof SupersededError) return false;
        if (databaseFault(error) !== 'data') throw error;
        await this.putAside(record, new NetWeaverError('NW_SINK_VALUE_REFUSED', codedDatabaseError(error).message, { cause: error }));
        single.clear();
        single.pass(record, from);
        await this.retrying(() => this.store!.write(single));
      }
      expected.set(placeOf(record), record.offset + 1);
    }
    // Records put aside while they were decoded may stand at the end of a partition.
    const rest = [...batch.steps.values()].filter((step) => expected.get(placeOf(step))! < step.next);
    if (rest.length > 0) {
      single.clear();
      for (const step of rest) single.steps.set(placeOf(step), { ...step, expected: expected.get(placeOf(step))! });
      await this.retrying(() => this.store!.write(single));
    }
    this.stored(batch, 0);
    return true;
  }

  private stored(batch: SinkBatch, rows: number): void {
    for (const step of batch.steps.values()) this.toCommit.set(placeOf(step), { topic: step.topic, partition: step.partition, next: step.next });
    this.counters.sent(rows);
    this.metrics.transactions.inc();
    this.metrics.timesReplaced.inc(batch.touch.timesReplaced);
    for (const span of batch.spans) span.end();
  }

  /** The group's positions for displays, and the lag. */
  private async report(member: GroupMember): Promise<void> {
    const now = performance.now();
    if (now - this.reportedAt < 1_000) return;
    this.reportedAt = now;
    const assigned = new Set(member.assignment().map(placeOf));
    const positions = [...this.toCommit.values()].filter((position) => assigned.has(placeOf(position)));
    try {
      if (positions.length > 0) await member.commit(positions);
      this.toCommit.clear();
    } catch (error) {
      // The database has the positions that count; these are tried again.
      if (!retryable(error)) throw error;
      this.counters.error(codedDatabaseError(error).code);
    }
    for (const [place, lag] of member.lag()) this.metrics.lag.set({ place }, lag);
  }

  /** Where to read from: the database knows. */
  private async positions(partitions: readonly TopicPartition[]): Promise<Position[]> {
    const known = await this.retrying(() => this.store!.positions(partitions));
    const reader = await this.context.log.reader();
    try {
      for (const topic of new Set(partitions.map((at) => at.topic))) {
        const bounds = new Map((await reader.bounds(topic)).map((bound) => [bound.partition, bound]));
        for (const position of known.filter((at) => at.topic === topic)) {
          const bound = bounds.get(position.partition);
          if (bound === undefined) continue;
          checkAgainstLog(position, bound.end);
          if (position.next < bound.begin && position.next > 0) {
            this.context.telemetry.logger.error({ place: placeOf(position), from: position.next, to: bound.begin }, 'the log dropped records before they were stored: its retention is too short');
            this.counters.error('NW_SINK_RECORDS_EXPIRED', bound.begin - position.next);
          }
        }
      }
    } finally {
      await reader.close();
    }
    for (const position of known) this.taken.set(placeOf(position), position.next);
    return known;
  }

  /** Partitions go to another member, which reads the database: what is not stored by then is read again, by it. */
  private async revoked(partitions: readonly TopicPartition[], lost: boolean): Promise<void> {
    if (!lost && this.storing !== undefined) await Promise.race([this.storing, sleep(REVOKE_WAIT_MS, undefined, { ref: false })]);
    for (const at of partitions) this.taken.delete(placeOf(at));
    if ([...this.current.steps.keys()].some((place) => !this.taken.has(place)) || this.storing !== undefined) this.rewindWanted = true;
  }

  /** Drops what is not stored and goes back to where the database stands. */
  private async rewind(member: GroupMember): Promise<void> {
    await this.storing;
    this.rewindWanted = false;
    for (const batch of [this.current, this.spare]) batch.clear();
    this.metrics.rewinds.inc();
    const assigned = member.assignment();
    if (assigned.length > 0) await member.seek(await this.positions(assigned));
  }

  /** At the end: what was taken is stored, if the database answers. */
  private async finish(): Promise<void> {
    await this.storing;
    if (!this.rewindWanted && !this.current.empty) {
      this.begin();
      await this.storing;
    }
    this.reportedAt = -Infinity;
    if (this.member !== undefined) await this.report(this.member).catch(() => undefined);
  }

  /** Tries until it works; a retry helps against an absent database or log, nothing else is caught. Ends with the last error when stopping. */
  private async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work();
        if (attempt > 0) {
          this.problem = this.member === undefined ? 'it has not begun' : null;
          this.context.telemetry.logger.info({ attempts: attempt }, 'going on');
        }
        return result;
      } catch (error) {
        if (!retryable(error) || this.stopping.signal.aborted) throw error;
        this.trouble(error);
        await sleep(backoffMs(attempt), undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private trouble(error: unknown): void {
    const coded = codedDatabaseError(error);
    this.problem = `${coded.code}: ${coded.message}`;
    this.counters.error(coded.code);
    this.errorLog.note(coded.code, (heldBack) => this.context.telemetry.logger.warn({ code: coded.code, sqlstate: databaseErrorCode(error), error: coded.message, heldBack }, 'paused; trying again'));
  }
}

function retryable(error: unknown): boolean {
  if (error instanceof SupersededError) return false;
  if (error instanceof NetWeaverError) return error.code === 'NW_DATABASE_UNREACHABLE' || error.code === 'NW_LOG_UNREACHABLE';
  const fault = databaseFault(error);
  return fault === 'unreachable' || fault === 'transient';
}
