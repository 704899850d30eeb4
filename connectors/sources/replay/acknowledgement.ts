/** What a collector says of the datagrams that it took in: `GET /collector/acknowledged`. */
export interface CollectorState {
  /** Random, new at each start of the collector. */
  readonly instance: string;
  /** Datagrams taken in since then. */
  readonly received: number;
  /** Of the first this many, every flow is durable on the log. */
  readonly acknowledged: number;
}

const POLL_MS = 20;
const REQUEST_TIMEOUT_MS = 2000;
/** A collector whose count stands still for this long has an empty socket: nothing of an earlier sending can still come. */
const QUIET_MS = 600;

/**
 * Watches a collector's acknowledgements over HTTP. It counts datagrams and cannot tell whose they are: nobody else may send to
 * that collector meanwhile; what others sent is noted in {@link foreign}.
 */
export class AcknowledgementWatch {
  /** Datagrams that the collector received beyond those of the windows: somebody else sends to it. */
  foreign = 0;

  constructor(
    private readonly url: string,
    private readonly stopped: () => boolean,
  ) {}

  /** The collector's state, or null while it does not answer. */
  async state(): Promise<CollectorState | null> {
    try {
      const response = await fetch(this.url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      const body: unknown = await response.json();
      return response.ok && isState(body) ? body : null;
    } catch {
      return null;
    }
  }

  /**
   * The state of a collector that has answered and has nothing left to read from its socket: the base that a window counts from.
   * @returns null where it did not answer within `giveUpMs`.
   */
  async quietState(giveUpMs: number): Promise<CollectorState | null> {
    const until = performance.now() + giveUpMs;
    let last: CollectorState | null = null;
    let sinceMs = 0;
    while (!this.stopped()) {
      const now = performance.now();
      const state = await this.state();
      if (state === null || last === null || state.instance !== last.instance || state.received !== last.received) sinceMs = now;
      else if (now - sinceMs >= QUIET_MS) return state;
      last = state;
      if (now > until) return null;
      await sleep(state === null ? 5 * POLL_MS : POLL_MS);
    }
    return null;
  }

  /** Waits until `count` datagrams after `base` are acknowledged; null where that takes too long or the collector was replaced. */
  async settle(base: CollectorState, count: number, timeoutMs: number): Promise<CollectorState | null> {
    const until = performance.now() + timeoutMs;
    while (!this.stopped()) {
      const state = await this.state();
      if (state !== null) {
        if (state.instance !== base.instance) return null;
        if (state.received >= base.received + count && state.acknowledged >= base.received + count) {
          this.foreign += state.received - base.received - count;
          return state;
        }
      }
      if (performance.now() > until) return null;
      await sleep(POLL_MS);
    }
    return null;
  }
}

const isState = (body: unknown): body is CollectorState => {
  const state = body as Partial<CollectorState> | null;
  return typeof state?.instance === 'string' && Number.isInteger(state.received) && Number.isInteger(state.acknowledged);
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
