import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import { ERRORS, NetWeaverError, type ErrorCode } from '../../infra/errors';
import type { Snapshot } from '../../infra/config/load';
import type { RouteRequest, RouteResponse, WorkerPlace } from '../../infra/role';
import type { RoleName } from '../roles';

/** Values of one metric, as prom-client gives them. */
export type MetricValues = MetricObjectWithValues<MetricValue<string>>;

/** An error on its way between threads or processes. */
export interface SentError {
  readonly code: string | null;
  readonly message: string;
  readonly stack: string;
}

/** What the one who runs several roles says to a role's thread or process. */
export type ToRole =
  | { readonly type: 'begin'; readonly role: RoleName; readonly values: Snapshot; readonly worker?: WorkerPlace }
  | { readonly type: 'stop' }
  | { readonly type: 'ask'; readonly id: number; readonly route: RouteRequest | null };

/** How a role is, at the moment of the question. */
export interface RoleState {
  readonly readiness: string | null;
  readonly routes: readonly string[];
  readonly metrics: readonly MetricValues[];
}

/** What a role's thread or process says back. */
export type FromRole =
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly error: SentError }
  | { readonly type: 'answer'; readonly id: number; readonly state?: RoleState; readonly response?: RouteResponse };

/** Makes an error plain data. */
export const sendable = (error: unknown): SentError => ({
  code: error instanceof NetWeaverError ? error.code : null,
  message: error instanceof Error ? error.message : String(error),
  stack: error instanceof Error ? (error.stack ?? '') : '',
});

/** The error again, a {@link NetWeaverError} where it was one. */
export function received(error: SentError): Error {
  if (error.code !== null && error.code in ERRORS) return new NetWeaverError(error.code as ErrorCode, error.message);
  const other = new Error(error.message);
  other.stack = error.stack;
  return other;
}
