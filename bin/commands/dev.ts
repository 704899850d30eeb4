/**
 * `netweaver dev`: real servers for tests and local use, on loopback.
 *
 * The test runner starts them, runs the tests with the variables that `start` prints, and stops them:
 *
 *     netweaver dev kafka start --port 29092        prints NETWEAVER_TEST_KAFKA=127.0.0.1:29092
 *     netweaver dev registry start --port 28081     prints NETWEAVER_TEST_REGISTRY=http://127.0.0.1:28081/apis/ccompat/v7
 *     netweaver dev kafka stop --port 29092
 *     netweaver dev registry stop --port 28081
 *
 * `start` returns when the server answers (one that runs already is left running); progress goes to standard error. Exit code
 * 3 with a coded message where Java or Maven is missing, a download fails, or the port is taken. `status` exits 0 where the
 * server runs and 1 where not. Downloads live in NETWEAVER_CACHE (default `~/.cache/netweaver`).
 */
import type { Command } from 'commander';
import { KAFKA_PORT, kafkaStatus, startKafka, stopKafka } from '../../infra/dev/kafka';
import { REGISTRY_PORT, registryStatus, startRegistry, stopRegistry } from '../../infra/dev/registry';
import { NetWeaverError } from '../../infra/errors';
import { reportError } from '../output';

interface Options {
  readonly port: number;
  readonly data?: string;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function portOf(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65534) throw new NetWeaverError('NW_USAGE', `--port ${value} is not a port from 1 to 65534.`);
  return port;
}

/** A server as this command knows it. */
interface Server {
  readonly name: string;
  readonly title: string;
  readonly port: number;
  readonly variable: string;
  start(options: Options): Promise<string>;
  stop(port: number): Promise<boolean>;
  status(port: number): string | null;
}

const SERVERS: readonly Server[] = [
  { name: 'kafka', title: 'a single Apache Kafka node', port: KAFKA_PORT, variable: 'NETWEAVER_TEST_KAFKA', start: (options) => startKafka({ ...options, say }), stop: stopKafka, status: kafkaStatus },
  { name: 'registry', title: 'a schema registry (Apicurio, Confluent\'s API, in memory)', port: REGISTRY_PORT, variable: 'NETWEAVER_TEST_REGISTRY', start: (options) => startRegistry({ ...options, say }), stop: stopRegistry, status: registryStatus },
];

/** Adds `dev`. */
export function register(program: Command): void {
  const dev = program.command('dev').description('Real servers on loopback, for tests and local use. They need Java 17, and Maven the first time.');
  for (const server of SERVERS) {
    const command = dev.command(server.name).description(`Runs ${server.title}.`);
    const add = (name: string, description: string, act: (options: Options) => Promise<void>): Command =>
      command
        .command(name)
        .description(description)
        .option('--port <port>', 'TCP port on 127.0.0.1', String(server.port))
        .action(async (options: { port: string; data?: string }) => {
          try {
            await act({ ...options, port: portOf(options.port) });
          } catch (error) {
            reportError(error);
          }
        });

    const start = add('start', 'Starts it, fetching it the first time, and waits until it answers.', async (options) => print(`${server.variable}=${await server.start(options)}`));
    if (server.name === 'kafka') start.option('--data <folder>', 'keep the topics there; without it they are gone after `stop`');
    add('stop', 'Stops it and waits until it is gone.', async ({ port }) => print((await server.stop(port)) ? 'stopped' : 'was not running'));
    add('status', 'Prints its address; exit code 1 where it does not run.', async ({ port }) => {
      const address = server.status(port);
      print(address ?? 'not running');
      if (address === null) process.exitCode = 1;
    });
  }
}
