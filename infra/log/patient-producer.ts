import { setTimeout as sleep } from 'node:timers/promises';
import { NetWeaverError } from '../errors';
import type { Telemetry } from '../telemetry/telemetry';
import type { LogProducer, OutgoingRecord } from './log';

const RETRY_MS = 1000;
/** Errors after which trying again cannot help. */
const FINAL = new Set(['NW_LOG_FENCED', 'NW_TOPIC_MISSING', 'NW_SCHEMA_INCOMPATIBLE']);

/** What is said while the log takes nothing. */
export interface PatienceWords {
  /** In the log of the program, once. */
  readonly warning: string;
  /** To whoever asks for {@link PatientProducer.problem}. */
  readonly problem: string;
}

/** A producer for those who wait while the log does not answer: it tries again until the log takes the records, or it is closed. */
export class PatientProducer {
  /** Why the log takes nothing; null where it does. */
  problem: string | null = null;
  private readonly closing = new AbortController();

  constructor(
    private readonly producer: LogProducer,
    private readonly telemetry: Telemetry,
    private readonly words: PatienceWords,
  ) {}

  /** @throws NW_LOG_FENCED, NW_TOPIC_MISSING, NW_SCHEMA_INCOMPATIBLE, or AbortError after {@link close} */
  async append(records: readonly OutgoingRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.producer.append(records);
        this.problem = null;
        return;
      } catch (error) {
        if (error instanceof NetWeaverError && FINAL.has(error.code)) throw error;
        if (this.problem === null) this.telemetry.logger.warn({ err: error }, this.words.warning);
        this.problem = this.words.problem;
        await sleep(RETRY_MS, undefined, { signal: this.closing.signal });
      }
    }
  }

  /** Lets go of what waits for the log. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.producer.close();
  }
}
