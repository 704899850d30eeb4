/**
 * What the collector keeps, tells and writes of its exporters beside their flows: faults in the log, metrics by exporter,
 * `collector.health`, and templates over a restart.
 */
import { join } from 'node:path';
import type { FlowDecoder } from '../../../domain/flow/decoder';
import type { Fault } from '../../../domain/flow/protocol';
import type { Source } from '../../../domain/flow/sources';
import type { Stream } from '../../../domain/flow/streams';
import type { ValuesOf } from '../../../infra/config/section';
import { dataSection } from '../../../infra/config/data';
import type { RoleContext } from '../../../infra/role';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { ExporterMetrics } from './exporter-metrics';
import { FaultCounts } from './fault-counts';
import { FaultLog } from './fault-log';
import { Health, type OwnLosses } from './health';
import type { Target } from './intake';
import type { Publisher } from './publisher';
import type { collectorSection } from './settings';
import { TemplateStore } from './template-store';

/** What is there while the collector runs. */
interface Watched {
  readonly decoder: FlowDecoder;
  readonly health: Health;
  readonly store: TemplateStore;
}

export class Watch {
  readonly faults: FaultCounts;
  private readonly log: FaultLog;
  private readonly storeLog = new RateLimited(600_000);
  private readonly metrics: ExporterMetrics;
  private watched: Watched | null = null;
  private nextHealthMs = 0;
  private telling: Promise<void> | null = null;

  constructor(
    private readonly context: RoleContext,
    private readonly settings: ValuesOf<typeof collectorSection>,
  ) {
    const { telemetry } = context;
    this.faults = new FaultCounts(settings.exporterLabels);
    this.log = new FaultLog(telemetry.logger);
    this.metrics = new ExporterMetrics(telemetry, settings.exporterLabels);
  }

  /** Begins: takes back what was kept of templates. */
  start(decoder: FlowDecoder, target: Target, publisher: Publisher, nowMs: number): void {
    const { config, telemetry, worker } = this.context;
    const index = worker?.index ?? 0;
    const health = new Health(decoder, target, publisher.instance, index, (records) => publisher.publish(records), nowMs);
    const store = new TemplateStore(join(config.get(dataSection).dir, 'templates'), `collect-${index}`, decoder.templates, (error) =>
      this.storeLog.note(error.message, () => telemetry.logger.warn({ err: error, code: error.code }, error.explain())),
    );
    const templates = store.load(nowMs);
    if (templates > 0) telemetry.logger.info({ templates }, 'templates and sampling rates of before the restart are known');
    this.watched = { decoder, health, store };
    this.nextHealthMs = nowMs + this.settings.healthSeconds * 1000;
  }

  fault(source: Source, fault: Fault, detail?: number): void {
    this.faults.add(source.address, fault);
    this.log.note(source, fault, detail);
  }

  /** A stream goes: its last figures are told. */
  forgotten(stream: Stream): void {
    this.metrics.take(stream);
    this.watched?.health.last(stream, Date.now());
  }

  /** Once a second. */
  tick(nowMs: number, own: OwnLosses): void {
    const { watched } = this;
    if (!watched) return;
    watched.decoder.waiting.expire(nowMs);
    watched.store.tick(nowMs);
    this.metrics.update(watched.decoder.streams);
    if (nowMs < this.nextHealthMs || this.telling) return;
    this.nextHealthMs = nowMs + this.settings.healthSeconds * 1000;
    this.telling = this.tell(watched, nowMs, own).finally(() => (this.telling = null));
  }

  /** Health is told beside the work: where that fails, the work goes on. */
  private async tell({ health }: Watched, nowMs: number, own: OwnLosses): Promise<void> {
    try {
      await health.tell(nowMs, own);
    } catch (error) {
      this.storeLog.note('health', () => this.context.telemetry.logger.error({ err: error }, 'collector.health could not be told'));
    }
  }

  /** The end: what was learnt is kept, the last figures are told; before the publisher closes. */
  async close(nowMs: number, own: OwnLosses): Promise<void> {
    const { watched } = this;
    if (!watched) return;
    await this.telling;
    this.metrics.update(watched.decoder.streams);
    await this.tell(watched, nowMs, own);
    await watched.store.close();
    this.watched = null;
  }
}
