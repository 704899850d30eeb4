/**
 * A file of a topology that is read again when it changes. A file that is gone or cannot be read leaves the network as it was:
 * whoever wants it emptied writes one without devices.
 */
import { stat } from 'node:fs/promises';
import type { TopologyFile } from '../../../domain/topology/builder';
import { NetWeaverError } from '../../../infra/errors';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import type { TopologyMetrics } from './metrics';
import { fileSource, readTopologyFile } from './read-file';
import { SourceState } from './source-state';
import type { EventSink } from './writer';

export interface WatchedFileOptions {
  readonly path: string;
  readonly sink: EventSink;
  readonly metrics: TopologyMetrics;
  readonly logger: Telemetry['logger'];
  readonly everyMs: number;
  readonly maxElements: number;
  /** The log is lost for good. */
  readonly fail: (error: Error) => void;
}

/** Remarks that are no fault: defaults that were taken. */
const DEFAULTS: ReadonlySet<string> = new Set(['latency-by-distance', 'capacity-by-module', 'no-unit-of-capacity']);

/** See the file's head. Looked at on a clock, not by notices of the system, which links of mounted volumes do not give. */
export class WatchedFile {
  readonly state: SourceState;
  /** Why the file as it is now is not what is on the log; null where it is. */
  problem: string | null = 'not read yet';
  private seen = '';
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: WatchedFileOptions) {
    this.state = new SourceState(fileSource(options.path), options.sink);
  }

  start(): void {
    this.working = this.look().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.start(), this.options.everyMs);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private async look(): Promise<void> {
    const { path, metrics, maxElements, fail } = this.options;
    // Taken before the file is read: what is written meanwhile shows the next time.
    const now = await stat(path).then(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`, () => 'missing');
    if (now === this.seen || this.stopped) return;
    try {
      const file = await readTopologyFile(path);
      if (file.elements.length > maxElements) throw new NetWeaverError('NW_TOPOLOGY_UNREADABLE', `${path}: ${file.elements.length} elements are more than topology.maxElements`);
      metrics.received(1);
      this.tell(file);
      metrics.sent(await this.state.all(file.elements));
      metrics.elements(this.state.source, this.state.elements);
      this.problem = null;
      this.seen = now;
    } catch (error) {
      if (!(error instanceof NetWeaverError) || error.code !== 'NW_TOPOLOGY_UNREADABLE') {
        if ((error as Error).name !== 'AbortError' && !this.stopped) fail(error as Error);
        return;
      }
      this.seen = now;
      this.problem = error.message;
      metrics.error(error.code);
      this.options.logger.warn({ err: error }, 'a file of the topology cannot be read; the network stays as it was');
    }
  }

  private tell({ name, elements, remarks }: TopologyFile): void {
    for (const [reason, { count }] of Object.entries(remarks)) if (!DEFAULTS.has(reason)) this.options.metrics.discarded(reason, count);
    this.options.logger.info({ file: this.options.path, network: name, elements: elements.length, remarks }, 'a file of the topology was read');
  }
}
