import { setTimeout as sleep } from 'node:timers/promises';
import { NetWeaverError, type ErrorCode } from '../errors';

const RETRY_MS = 1000;
/** What passes when the other side is back. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['NW_LOG_UNREACHABLE', 'NW_REGISTRY_UNREACHABLE']);

/**
 * Does a step again, a second apart, for as long as the log or the registry does not answer; `onWait` is told why, each time.
 * The step leaves nothing behind when it fails. @throws what else the step throws; AbortError when `signal` says so
 */
export async function patiently<T>(step: () => Promise<T>, signal: AbortSignal, onWait: (error: NetWeaverError) => void): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof NetWeaverError) || !AWAY.has(error.code)) throw error;
      onWait(error);
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
