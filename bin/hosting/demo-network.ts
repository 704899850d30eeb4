import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { runNetwork, type NetworkGeneratorOptions } from '../../connectors/sources/generate/network-generator';
import { PROTOCOLS } from '../../domain/simulate/exporter';
import { shapedNetwork } from '../../domain/simulate/shapes';
import { openRegistry } from '../../infra/registry/open';
import type { RoleContext } from '../../infra/role';

const NODES = 20;
/** With it the first two minutes bring a link that fails and a SYN flood. */
const SEED = 2;
const AGAIN_AFTER_MS = 2_000;
/** Mean seconds between two of a kind. */
const INCIDENTS = { link: 40, device: 600, crowd: 600, attack: 240 };

/** What the network of a first look is fed to. */
export interface DemoOptions extends Pick<NetworkGeneratorOptions, 'rate' | 'attacks' | 'collector'> {
  readonly log: Pick<RoleContext, 'config' | 'log'>;
}

/** A running simulated network. */
export interface Demo {
  stop(): Promise<void>;
}

/**
 * Runs a simulated network of 20 devices: its topology, counters and measurements on the log, its flows in four formats to the collector by UDP, as
 * real exporters would. Links fail every minute or so, attacks come now and then. Begun again where it fails.
 */
export async function startDemoNetwork({ rate, attacks, collector, log }: DemoOptions, logger: Logger): Promise<Demo> {
  const registry = await openRegistry(log.config);
  const stop = new AbortController();
  const { signal } = stop;
  const elements = shapedNetwork('mesh', NODES, SEED);
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await runNetwork(
          { elements, name: 'demo', seed: SEED, rate, attacks, ipv6: 0.25, formats: PROTOCOLS, startMs: Date.now(), incidents: INCIDENTS, speed: 1, seconds: Infinity, log: { ...log, registry }, collector, truth: null },
          signal,
        );
      } catch (error) {
        logger.error({ err: error }, 'the simulated network failed');
        await sleep(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    await registry.close();
  };
  const ended = run();
  return {
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}
