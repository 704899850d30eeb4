import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { say } from './run.mjs';

/** A TCP port on loopback that is free, and the next one too: Kafka's controller takes that. Below those that systems give to outgoing connections. */
export async function freePortPair() {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await bind(port)) === port && (await bind(port + 1)) === port + 1) return port;
  }
  throw new Error('there are no two free ports in a row');
}

const bind = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(-1));
    probe.listen(port, '127.0.0.1', () => {
      const { port: bound } = probe.address();
      probe.close(() => resolve(bound));
    });
  });

/** Starts real Kafka and the real registry; the environment by which tests find them. Stops them also when the run is interrupted. */
export async function startServices(root) {
  const require = createRequire(import.meta.url);
  const { startKafka, stopKafka } = require(join(root, 'dist/infra/dev/kafka.js'));
  const { startRegistry, stopRegistry } = require(join(root, 'dist/infra/dev/registry.js'));
  const kafkaPort = await freePortPair();
  const started = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(130)));
  try {
    started.push(() => stopKafka(kafkaPort));
    const kafka = await startKafka({ port: kafkaPort, say });
    const registryPort = await freePortPair();
    started.push(() => stopRegistry(registryPort));
    const registry = await startRegistry({ port: registryPort, say });
    return { environment: { NETWEAVER_TEST_KAFKA: kafka, NETWEAVER_TEST_REGISTRY: registry }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
