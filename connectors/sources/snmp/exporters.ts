/** The exporters that send flows, as the collectors tell on `collector.health`. */
import type { RoleContext } from '../../../infra/role';
import { NetWeaverError } from '../../../infra/errors';
import { COLLECTORS_HEALTH, TopicCodec, topicName } from '../../../topics';

/** How far back it is read at the start. */
const HISTORY_MS = 3_600_000;
/** An exporter that sent nothing for this long is polled no more. */
const SILENT_MS = 86_400_000;
const ROUND_MS = 600_000;
const RETRY_MS = 1000;
/** Exporters that are polled at most, whatever addresses flows claim to come from. */
const MOST = 20_000;

/** Told of exporters. */
export interface ExporterEvents {
  came(address: string): void;
  went(address: string): void;
  /** The log cannot be read; it is tried again. */
  trouble(error: Error): void;
}

/** Follows the topic until it is stopped. */
export class Exporters {
  private readonly seen = new Map<string, number>();
  private readonly stopping = new AbortController();
  private readonly round: NodeJS.Timeout;
  private following: Promise<void> = Promise.resolve();

  private constructor(
    private readonly context: RoleContext,
    private readonly events: ExporterEvents,
  ) {
    this.round = setInterval(() => this.forget(Date.now()), ROUND_MS);
    this.round.unref();
  }

  /** @throws NW_TOPIC_MISSING */
  static async start(context: RoleContext, events: ExporterEvents): Promise<Exporters> {
    const name = topicName(COLLECTORS_HEALTH, context.config);
    if (!(await context.log.admin.listTopics()).some((topic) => topic.name === name)) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
    const exporters = new Exporters(context, events);
    exporters.following = exporters.followAgain(name);
    return exporters;
  }

  private async followAgain(name: string): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.follow(name, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.events.trouble(error as Error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async follow(topic: string, signal: AbortSignal): Promise<void> {
    const codec = TopicCodec.forReading(COLLECTORS_HEALTH, this.context.registry);
    const reader = await this.context.log.reader();
    try {
      const from = new Map<number, number>();
      for (const { partition } of await reader.bounds(topic)) from.set(partition, await reader.offsetAt({ topic, partition }, Date.now() - HISTORY_MS));
      for await (const { value } of reader.follow(topic, signal, from)) {
        const record = value === null ? null : await codec.decode(value).catch(() => null);
        if (record !== null && record.exporter !== '' && record.datagrams > 0) this.note(record.exporter, record.lastSeen);
      }
    } finally {
      await reader.close();
    }
  }

  private note(address: string, lastSeen: number): void {
    const known = this.seen.get(address);
    if (known === undefined && this.seen.size >= MOST) return;
    this.seen.set(address, Math.max(known ?? 0, lastSeen));
    if (known === undefined) this.events.came(address);
  }

  private forget(now: number): void {
    for (const [address, lastSeen] of this.seen) {
      if (now - lastSeen < SILENT_MS) continue;
      this.seen.delete(address);
      this.events.went(address);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.round);
    this.stopping.abort();
    await this.following;
  }
}
