import { parentPort, workerData } from 'node:worker_threads';
import { startGenerator, type GeneratorOptions } from '../../connectors/sources/generate/generator';

/** Entry of the worker thread that runs the simulated network of {@link startDemo}; told to stop by any message. */
const generator = startGenerator(workerData as GeneratorOptions);
parentPort!.on('message', () => void generator.stop());
generator.finished.finally(() => parentPort!.close()).catch((error: unknown) => {
  throw error;
});
