import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { GeneratorOptions } from '../../connectors/sources/generate/generator';

const AGAIN_AFTER_MS = 2_000;

/** A running simulated network. */
export interface Demo {
  stop(): Promise<void>;
}

/** Runs a simulated network's exporters in a thread, sending to the collector's ports by UDP as real ones would. Started again where it fails. */
export function startDemo(options: GeneratorOptions, logger: Logger): Demo {
  let worker: Worker;
  let stopping = false;
  let ended: Promise<void> = Promise.resolve();
  const begin = (): void => {
    worker = new Worker(join(__dirname, 'demo-entry.js'), { workerData: options });
    worker.on('error', (error) => logger.error({ error: error.message }, 'the simulated network failed'));
    ended = new Promise((resolve) =>
      worker.on('exit', () => {
        resolve();
        if (!stopping) setTimeout(() => stopping || begin(), AGAIN_AFTER_MS).unref();
      }),
    );
  };
  begin();
  return {
    stop: () => {
      stopping = true;
      worker.postMessage('stop');
      return ended;
    },
  };
}
