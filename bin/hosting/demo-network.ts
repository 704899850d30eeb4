import type { Logger } from 'pino';
import { runNetwork } from '../../connectors/sources/generate/network-generator';
import { shapedNetwork } from '../../domain/simulate/shapes';
import type { RoleContext } from '../../infra/role';
import { openRegistry } from '../../infra/registry/open';
import type { Demo } from './demo';

const NODES = 20;
const RATE = 100;
const SEED = 1;

/** Runs a simulated network whose links fail every minute or so, on the log alone: its flows are not sent. What becomes of it is on routes.changes. */
export async function startDemoNetwork({ config, log }: Pick<RoleContext, 'config' | 'log'>, logger: Logger): Promise<Demo> {
  const registry = await openRegistry(config);
  const stop = new AbortController();
  const ended = runNetwork(
    { elements: shapedNetwork('mesh', NODES, SEED), name: 'demo', seed: SEED, rate: RATE, startMs: Date.now(), incidents: { link: 40, device: 600 }, speed: 1, seconds: Infinity, log: { config, log, registry }, collector: null, truth: null },
    stop.signal,
  )
    .catch((error: unknown) => logger.error({ err: error }, 'the simulated network failed'))
    .finally(() => registry.close());
  return {
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}
