import type { Command } from 'commander';
import { hasCode, NetWeaverError } from '../infra/errors';
import { httpSection } from '../infra/http/settings';
import { loadConfig } from './context';

/** A question to a role. */
export interface Question {
  /** Address of the role; by default that of `netweaver all` or `netweaver process` on this machine. */
  readonly url?: string;
  readonly method?: 'GET' | 'POST';
  /** Sent as JSON, by POST. */
  readonly body?: unknown;
}

/** What the role answers. @throws NW_ROLE_UNREACHABLE, NW_USAGE where it refuses */
export async function askRole<T>(path: string, { url, body, method = body === undefined ? 'GET' : 'POST' }: Question, command: Command): Promise<T> {
  const { host, allPort, processPort } = loadConfig(command).get(httpSection);
  const here = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const bases = url === undefined ? [allPort, processPort].map((port) => `http://${here.includes(':') ? `[${here}]` : here}:${port}`) : [url.replace(/\/$/, '')];
  for (const base of bases) {
    let response: Response;
    try {
      response = await fetch(base + path, { method, signal: AbortSignal.timeout(10_000), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    } catch {
      continue;
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    throw new NetWeaverError('NW_USAGE', `${base}${path} answers ${response.status}: ${text.trim()}`);
  }
  throw new NetWeaverError('NW_ROLE_UNREACHABLE', `Nothing answers at ${bases.join(' or ')}.`);
}

/**
 * Writes to the log; where another process has the embedded log, or `url` names a role, that role is asked to write it instead, a question for each body.
 * @throws as `write` and {@link askRole}
 */
export async function writeOrAsk(write: () => Promise<unknown>, path: string, { url, bodies }: { readonly url?: string; readonly bodies: readonly unknown[] }, command: Command): Promise<void> {
  if (url === undefined) {
    try {
      await write();
      return;
    } catch (error) {
      if (!hasCode(error, 'NW_LOG_LOCKED')) throw error;
    }
  }
  for (const body of bodies) await askRole(path, { url, body }, command);
}
