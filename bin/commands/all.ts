import { mkdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { collectorSection } from '../../connectors/sources/flow/settings';
import { alsoAttack, type AttackRequest } from '../../domain/simulate/attacks';
import type { Protocol } from '../../domain/simulate/exporter';
import { dataSection } from '../../infra/config/data';
import type { LoadedConfiguration } from '../../infra/config/load';
import { databaseSection } from '../../infra/database/settings';
import { startEmbeddedPostgres } from '../../infra/database/embedded';
import { NetWeaverError } from '../../infra/errors';
import { startHttpServer } from '../../infra/http/server';
import { httpSection } from '../../infra/http/settings';
import { openLog } from '../../infra/log/open';
import { openTelemetry, type OpenTelemetry } from '../../infra/telemetry/open';
import { telemetrySection } from '../../infra/telemetry/settings';
import { applyTopics } from '../../topics/apply';
import { topicsSection } from '../../topics/settings';
import { loadConfig } from '../context';
import { startDemoNetwork } from '../hosting/demo-network';
import type { MetricValues } from '../hosting/messages';
import { untilStopped } from '../hosting/signals';
import { Supervisor } from '../hosting/supervisor';
import { reportError } from '../output';
import { ROLE_NAMES, rolesOf, type RoleName } from '../roles';
import { startView } from '../view/live';

interface AllOptions {
  readonly view?: boolean;
  readonly demo?: string;
  readonly attack: readonly AttackRequest[];
  readonly roles?: readonly RoleName[];
}

/** `netweaver all`: every role, the embedded parts that they need, one HTTP server for all of them. */
export function register(program: Command): void {
  program
    .command('all')
    .description('Runs every role: with the embedded log each in a thread of this process, with Kafka each in a process of its own. Without database.url a PostgreSQL is started too.')
    .option('--view', 'show what happens in the terminal')
    .option('--demo <flows per second>', 'feed it from a simulated network')
    .option('--attack <kind[@start+duration][:rate]>', 'with --demo: an attack on a host of it, as often as given; see `netweaver simulate --help`', alsoAttack, [])
    .option('--roles <names>', `only these roles, separated by commas, of ${ROLE_NAMES.join(', ')}; without sink no database is needed`, roleNames)
    .action((options: AllOptions, command: Command) => runAll(options, command));
}

/** What was opened, to be closed in the opposite order whatever happens. */
class Opened {
  private readonly closers: (() => Promise<unknown> | unknown)[] = [];

  add(close: () => Promise<unknown> | unknown): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        reportError(error);
      }
    }
  }
}

async function runAll(options: AllOptions, command: Command): Promise<void> {
  const opened = new Opened();
  const stopped = untilStopped();
  try {
    const config = forView(options, loadConfig(command));
    const telemetry = openTelemetry(config, 'all');
    opened.add(() => telemetry.close());
    const failure = new Promise<Error>((fail) => {
      void start(options, config, telemetry, opened, fail).catch(fail);
    });
    const end = await Promise.race([failure, stopped]);
    if (end instanceof Error) throw end;
    telemetry.logger.info({ signal: end }, 'draining');
    if (options.view === true) process.stdout.write('\nNetWeaver: finishing what was received; a second Ctrl-C ends at once\n');
  } catch (error) {
    reportError(error);
  }
  await opened.close();
  process.exit();
}

/** In the order of the data, each once. */
function roleNames(text: string): readonly RoleName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !ROLE_NAMES.includes(name as RoleName));
  if (unknown !== undefined) throw new InvalidArgumentError(`'${unknown}' is no role; there are ${ROLE_NAMES.join(', ')}.`);
  return ROLE_NAMES.filter((name) => names.includes(name));
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (!(rate > 0)) throw new NetWeaverError('NW_USAGE', `--demo ${text}: flows per second, a number above 0.`);
  return rate;
}

/** A view and log lines do not share a terminal: the log goes to a file then. */
function forView({ view = false }: AllOptions, config: LoadedConfiguration): LoadedConfiguration {
  if (!view || config.get(telemetrySection).logFile !== '') return config;
  return config.with({ telemetry: { logFile: resolve(config.get(dataSection).dir, 'netweaver.log') } });
}

async function start(options: AllOptions, given: LoadedConfiguration, telemetry: OpenTelemetry, opened: Opened, fail: (error: Error) => void): Promise<void> {
  const { logger } = telemetry;
  const dataDir = resolve(given.get(dataSection).dir);
  mkdirSync(dataDir, { recursive: true });
  const log = await openLog(given);
  opened.add(() => log.close());
  await log.ping();
  if (given.get(topicsSection).apply) await applyTopics(log, given);

  let config = given;
  const roles = options.roles ?? rolesOf(given);
  if (roles.includes('sink') && given.get(databaseSection).url === '') {
    const database = await startEmbeddedPostgres(dataDir);
    opened.add(() => database.stop());
    config = given.with({ database: { url: database.url } });
    logger.info({ folder: dataDir }, 'embedded PostgreSQL started');
  }

  const supervisor = new Supervisor(config, log.kind === 'embedded' ? 'threads' : 'processes', logger, roles);
  const http = config.get(httpSection);
  const server = await startHttpServer({
    host: http.host,
    port: http.allPort,
    portKey: 'http.allPort',
    maxConnections: http.maxConnections,
    metrics: async () => supervisor.metrics((await telemetry.metrics.getMetricsAsJSON()) as MetricValues[]),
    readiness: () => supervisor.readiness(),
    routes: () => supervisor.routes(),
  });
  opened.add(() => server.close());
  opened.add(() => supervisor.stop());
  await supervisor.start(fail);
  logger.info({ url: server.url, log: log.kind, dataDir }, 'all roles run');
  const { netflowPort, ipfixPort, sflowPort } = config.get(collectorSection);
  if (options.demo !== undefined) {
    // A port may be closed (-1); each takes all protocols.
    const ports = { v5: netflowPort, v9: netflowPort, ipfix: ipfixPort, sflow: sflowPort };
    const portOf = (protocol: Protocol): number => [ports[protocol], netflowPort, ipfixPort, sflowPort].find((port) => port > 0) ?? 0;
    const demo = await startDemoNetwork({ rate: rateOf(options.demo), attacks: options.attack, collector: { host: '127.0.0.1', portOf }, log: { config, log } }, logger);
    opened.add(() => demo.stop());
  }
  if (options.view === true) {
    const view = startView({ config, supervisor, frame: { url: server.url, dataDir: relative('', dataDir) || '.', log: log.kind, demo: options.demo !== undefined, netflowPort, ipfixPort, sflowPort } });
    opened.add(() => view.stop());
  }
}
