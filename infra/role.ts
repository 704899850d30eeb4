import type { Configuration } from './config/configuration';
import type { Log } from './log/log';
import type { SchemaRegistry } from './registry/registry';
import type { Telemetry } from './telemetry/telemetry';

/** What a role is given. Constructors are inert: nothing opens before `start`. */
export interface RoleContext {
  readonly config: Configuration;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly telemetry: Telemetry;
  /** Which of several of this role it is; absent where it is the only one. What a role keeps in files is kept apart by `index`. */
  readonly worker?: WorkerPlace;
}

/** The place of one of `count` workers of the same role: `index` 0 to `count` - 1, the same again when it is started again. */
export interface WorkerPlace {
  readonly index: number;
  readonly count: number;
  /** Sockets that whoever starts the workers opened for this one and keeps open, so that its share stays the same when it is started again: descriptor, and key of the configuration. */
  readonly sockets?: readonly { readonly fd: number; readonly key: string }[];
}

/** A process's work: collect, process, sink. One role a process on Kafka, one a worker thread when embedded. */
export interface Role {
  readonly name: string;
  /** Opens everything; resolves when the work has begun. Throws a coded error where it cannot. */
  start(): Promise<void>;
  /** `null` when ready, else why not (in words, for /readyz). */
  readiness(): string | null;
  /** Finishes what was begun, commits, closes. */
  drain(): Promise<void>;
  /** What the role answers on its HTTP server beside /metrics, /healthz and /readyz: `/path` for GET, or `POST /path`. */
  routes?(): Readonly<Record<string, Route>>;
}

/** A request to a {@link Route}. */
export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Its answer; a body that is not text is sent as JSON. */
export interface RouteResponse {
  readonly status: number;
  readonly body: unknown;
}

/** Answers a request. May be called from another thread by way of messages: request and answer are plain data. */
export type Route = (request: RouteRequest) => RouteResponse | Promise<RouteResponse>;

/** Makes a role. `fail` is called at most once, after `start`, when the role cannot go on (fenced, a bug). */
export type RoleFactory = (context: RoleContext, fail: (error: Error) => void) => Role;
