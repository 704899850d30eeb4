import type { LoadedConfiguration } from '../../infra/config/load';
import type { Role, Route, WorkerPlace } from '../../infra/role';
import type { OpenTelemetry } from '../../infra/telemetry/open';
import { openContext } from '../context';
import { ROLES, type RoleName } from '../roles';

/** How long a role may take to finish what it began, milliseconds; below the 30 s that Kubernetes waits by default. */
export const DRAIN_LIMIT_MS = 25_000;

/** A role with everything it uses, from start to drain. */
export interface RunningRole {
  readonly telemetry: OpenTelemetry;
  /** Resolves when the work has begun; rejects with a coded error where it cannot. */
  readonly started: Promise<void>;
  /** Resolves with the error where the role cannot go on; never otherwise. */
  readonly failed: Promise<Error>;
  /** Its metrics as Prometheus text. */
  metrics(): Promise<string>;
  readiness(): string | null | Promise<string | null>;
  routes(): Readonly<Record<string, Route>> | Promise<Readonly<Record<string, Route>>>;
  /** Drains and closes everything. Safe to call at any time, more than once. */
  stop(): Promise<void>;
}

/** Opens log, registry and telemetry and starts a role on them, or one of its workers. Returns while the start is under way. */
export async function runRole(name: RoleName, config: LoadedConfiguration, worker?: WorkerPlace): Promise<RunningRole> {
  const create = await ROLES[name]();
  const context = await openContext(config, name, worker?.index);
  const { logger } = context.telemetry;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  const role = create({ ...context, worker }, fail);
  let state: 'starting' | 'running' | 'stopped' = 'starting';
  const started = role.start().then(() => {
    if (state === 'starting') state = 'running';
    logger.info('started');
  });
  started.catch(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    state = 'stopped';
    await within(role.drain(), DRAIN_LIMIT_MS, `role ${name} did not drain within ${DRAIN_LIMIT_MS / 1000} s`);
    logger.info('stopped');
    await context.close();
  };
  return {
    telemetry: context.telemetry,
    started,
    failed,
    metrics: () => context.telemetry.metrics.metrics(),
    readiness: () => (state === 'stopped' ? state : (role.readiness() ?? (state === 'starting' ? state : null))),
    routes: () => (role as Role).routes?.() ?? {},
    stop: () => (stopping ??= stop()),
  };
}

/** The promise, or an error where it takes longer. */
export function within<T>(promise: Promise<T>, limitMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const limit = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(message)), limitMs)));
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
