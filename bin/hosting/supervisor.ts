import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AggregatorRegistry } from 'prom-client';
import type { Logger } from 'pino';
import type { LoadedConfiguration } from '../../infra/config/load';
import { NetWeaverError } from '../../infra/errors';
import type { Route, RouteRequest, RouteResponse, WorkerPlace } from '../../infra/role';
import { ROLE_NAMES, rolesOf, type RoleName } from '../roles';
import { received, type FromRole, type MetricValues, type RoleState, type ToRole } from './messages';
import { DRAIN_LIMIT_MS, within } from './running-role';
import { mergeResponses, NO_WORKERS, openWorkers, type Workers } from './workers';

const ENTRY = join(__dirname, 'role-entry.js');
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** A role that ran this long begins again with the shortest back-off. */
const STEADY_MS = 60_000;
const ASK_LIMIT_MS = 2_000;
/** Descriptor of the first socket that a process is given: after the standard ones and the channel of messages. */
const FIRST_SOCKET = 4;

/** A thread or a process, seen as a channel. */
interface Channel {
  send(message: ToRole): void;
  kill(): void;
}

/** Threads for the embedded log, which is one process's; processes for Kafka, whose client lives in main threads only. */
export type Hosting = 'threads' | 'processes';

/**
 * Runs the roles, one thread or process each. A role that crashes is started again, later each time up to 30 s; a role that
 * ends with a coded error (its port is taken, it was fenced) ends them all.
 */
export class Supervisor {
  private readonly hosts = new Map<string, RoleHost>();
  private workers: Workers = NO_WORKERS;

  constructor(
    private readonly config: LoadedConfiguration,
    private readonly hosting: Hosting,
    private readonly logger: Logger,
    private readonly names: readonly RoleName[] = rolesOf(config),
  ) {}

  /** Starts the roles, last in the way of the data first, so that nothing waits unread. Rejects with the first error. */
  async start(onFailure: (error: Error) => void): Promise<void> {
    this.workers = openWorkers(this.config, this.names);
    for (const name of [...this.names].reverse()) {
      for (const worker of this.workers.of(name)) {
        const host = new RoleHost(name, worker, this.config, this.hosting, this.logger, onFailure);
        this.hosts.set(host.label, host);
        await host.start();
      }
    }
  }

  /** Drains in the order of the data: what was collected is processed and stored as far as it goes. */
  async stop(): Promise<void> {
    for (const name of ROLE_NAMES) await Promise.all([...this.hosts.values()].filter((host) => host.name === name).map((host) => host.stop()));
    this.workers.close();
  }

  /** How each role is, each worker of it (`collect/0`); null where it did not answer. */
  async states(): Promise<Map<string, RoleState | null>> {
    return new Map(await Promise.all([...this.hosts].map(async ([label, host]) => [label, await host.state()] as const)));
  }

  /** `null` when every role is ready, else which are not and why. */
  async readiness(): Promise<string | null> {
    return this.readinessOf(await this.states());
  }

  /** Threads or processes when all have started. */
  private get planned(): number {
    return this.names.reduce((sum, name) => sum + this.workers.of(name).length, 0);
  }

  /** As {@link readiness}, by states asked for already. */
  readinessOf(states: ReadonlyMap<string, RoleState | null>): string | null {
    const reasons = [...states].flatMap(([name, state]) => (state === null ? [`${name}: does not answer`] : state.readiness === null ? [] : [`${name}: ${state.readiness}`]));
    if (states.size < this.planned) reasons.push('starting');
    return reasons.length === 0 ? null : reasons.join('; ');
  }

  /** The metrics of all roles and of `own`, as Prometheus text. */
  async metrics(own: readonly MetricValues[]): Promise<string> {
    const all = [own, ...[...(await this.states()).values()].map((state) => state?.metrics ?? [])];
    // Every value carries its role: nothing falls together, and nothing is to be averaged or left out.
    const summed = all.map((metrics) => metrics.map((metric) => ({ ...metric, aggregator: 'sum' as const })));
    return AggregatorRegistry.aggregate(summed).metrics();
  }

  /** Routes of all roles, answered by the role that has them. */
  async routes(): Promise<Readonly<Record<string, Route>>> {
    const routes: Record<string, Route> = {};
    for (const [label, state] of await this.states()) {
      const { name } = this.hosts.get(label)!;
      for (const route of state?.routes ?? []) routes[route] = (request) => this.ask(name, request);
    }
    return routes;
  }

  /** Of one role, or of all its workers together. */
  private async ask(name: RoleName, request: RouteRequest): Promise<RouteResponse> {
    const hosts = [...this.hosts.values()].filter((host) => host.name === name);
    return mergeResponses(await Promise.all(hosts.map((host) => host.route(request))));
  }
}

/** One role's thread or process, and the next one after a crash. */
class RoleHost {
  private channel: Channel | undefined;
  private stopping = false;
  private backoffMs = FIRST_BACKOFF_MS;
  private beganAt = 0;
  private nextId = 1;
  private readonly waiting = new Map<number, (answer: FromRole & { type: 'answer' }) => void>();
  private ended: () => void = () => undefined;
  private startedOnce = false;
  private error: Error | undefined;
  private settle: { resolve(): void; reject(error: Error): void } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly name: RoleName,
    private readonly worker: WorkerPlace | undefined,
    private readonly config: LoadedConfiguration,
    private readonly hosting: Hosting,
    private readonly logger: Logger,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** The role's name, of one worker with its number: `collect/0`. */
  get label(): string {
    return this.worker === undefined ? this.name : `${this.name}/${this.worker.index}`;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.begin();
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { channel } = this;
    if (channel === undefined) return;
    const ended = new Promise<void>((resolve) => (this.ended = resolve));
    channel.send({ type: 'stop' });
    await within(ended, DRAIN_LIMIT_MS + 2_000, '').catch(() => {
      this.logger.error({ of: this.label }, 'the role did not end; it is killed, what it did not commit is done again at the next start');
      channel.kill();
    });
  }

  async state(): Promise<RoleState | null> {
    return (await this.ask(null))?.state ?? null;
  }

  async route(request: RouteRequest): Promise<RouteResponse> {
    return (await this.ask(request))?.response ?? { status: 503, body: `role ${this.label} does not answer\n` };
  }

  private ask(route: RouteRequest | null): Promise<(FromRole & { type: 'answer' }) | null> {
    const { channel } = this;
    if (channel === undefined) return Promise.resolve(null);
    const id = this.nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.waiting.delete(id) && resolve(null), ASK_LIMIT_MS);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      channel.send({ type: 'ask', id, route });
    });
  }

  private begin(): void {
    this.beganAt = performance.now();
    this.error = undefined;
    const listeners = { message: (message: FromRole) => this.onMessage(message), error: (error: Error) => (this.error ??= error), exit: (code: number | null, signal?: string | null) => this.onExit(signal ?? code) };
    const { worker } = this;
    this.channel = this.hosting === 'threads' ? openThread(listeners) : openProcess(listeners, worker?.sockets?.map(({ fd }) => fd));
    // A process has the sockets by other numbers.
    const place = this.hosting === 'threads' ? worker : worker && { ...worker, sockets: worker.sockets?.map(({ key }, i) => ({ key, fd: FIRST_SOCKET + i })) };
    this.channel.send({ type: 'begin', role: this.name, values: this.config.snapshot(), worker: place });
  }

  private onMessage(message: FromRole): void {
    if (message.type === 'answer') {
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    } else if (message.type === 'started') {
      this.startedOnce = true;
      this.settle?.resolve();
    } else {
      this.error = received(message.error);
    }
  }

  private onExit(how: string | number | null): void {
    this.channel = undefined;
    for (const answer of this.waiting.values()) answer({ type: 'answer', id: 0 });
    this.waiting.clear();
    this.ended();
    const error = this.error ?? new Error(`role ${this.label} ended: ${typeof how === 'string' ? how : `code ${how}`}`);
    if (this.stopping) {
      if (this.error !== undefined) this.logger.error({ of: this.label, error: error.message }, 'the role ended with an error');
      this.settle?.reject(error);
    } else if (!this.startedOnce) {
      this.settle?.reject(error);
    } else if (error instanceof NetWeaverError && !error.code.endsWith('_UNREACHABLE')) {
      this.onFailure(error);
    } else {
      this.again(error);
    }
  }

  private again(error: Error): void {
    if (performance.now() - this.beganAt > STEADY_MS) this.backoffMs = FIRST_BACKOFF_MS;
    this.logger.error({ of: this.label, error: error.stack ?? error.message, backoffMs: this.backoffMs }, 'the role crashed; it is started again');
    this.timer = setTimeout(() => this.begin(), this.backoffMs);
    this.backoffMs = Math.min(this.backoffMs * 2, MAX_BACKOFF_MS);
  }
}

interface Listeners {
  message(message: FromRole): void;
  error(error: Error): void;
  exit(code: number | null, signal?: string | null): void;
}

function openThread(on: Listeners): Channel {
  const worker = new Worker(ENTRY);
  worker.on('message', on.message).on('error', on.error).on('exit', on.exit);
  return { send: (message) => worker.postMessage(message), kill: () => void worker.terminate() };
}

function openProcess(on: Listeners, sockets: readonly number[] = []): Channel {
  const child: ChildProcess = fork(ENTRY, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...sockets] });
  child.on('message', on.message as (message: unknown) => void).on('error', on.error).on('exit', on.exit);
  return {
    send: (message) => void (child.connected && child.send(message, (error) => error !== null && on.error(error))),
    kill: () => void child.kill('SIGKILL'),
  };
}
