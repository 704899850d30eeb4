/**
 * Faults of datagrams in the log: the first of an exporter and reason at once, then once a minute with how many were held back; a
 * missing template once for each exporter, domain and id. All exporters together write {@link LINES} lines a minute, so that a flood of
 * made-up ones does not flood the log as well. The metrics count every fault.
 */
import type { Logger } from 'pino';
import { FAULTS, type Fault } from '../../../domain/flow/protocol';
import type { Source } from '../../../domain/flow/sources';
import { RateLimited } from '../../../infra/telemetry/rate-limit';

const LINES = 60;
const MINUTE_MS = 60_000;
/** Missing templates remembered. */
const MISSING = 10_000;

export class FaultLog {
  private readonly limited: RateLimited;
  private readonly missing = new Set<string>();
  private windowStart = -Infinity;
  private lines = 0;
  private heldBack = 0;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limited = new RateLimited(MINUTE_MS, now);
  }

  /** `detail`: the id of the template that is missing. */
  note(source: Source, fault: Fault, detail?: number): void {
    const { address } = source;
    if (fault !== 'template_missing') return this.limited.note(`${address} ${fault}`, (heldBack) => this.write({ exporter: address, reason: fault, heldBack }, fault));
    const domain = source.last?.domainId ?? 0;
    const key = `${source.scope} ${domain} ${detail}`;
    if (this.missing.has(key) || this.missing.size >= MISSING) return;
    this.missing.add(key);
    this.write({ exporter: address, reason: fault, domain, template: detail }, fault);
  }

  private write(fields: object, fault: Fault): void {
    const now = this.now();
    if (now - this.windowStart >= MINUTE_MS) {
      if (this.heldBack > 0) this.logger.warn({ lines: this.heldBack }, 'faults of further exporters were left out of the log; the metrics have them');
      this.windowStart = now;
      this.lines = this.heldBack = 0;
    }
    if (this.lines >= LINES) {
      this.heldBack++;
      return;
    }
    this.lines++;
    this.logger.warn(fields, FAULTS[fault]);
  }
}
