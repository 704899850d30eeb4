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
}

/** Makes a role. `fail` is called at most once, after `start`, when the role cannot go on (fenced, a bug). */
export type RoleFactory = (context: RoleContext, fail: (error: Error) => void) => Role;
