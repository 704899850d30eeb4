/** A sink as a process of its own, to be killed: `node -r tests/typescript.cjs child.ts <data folder> <database>`. */
import { openLog } from '../../../../infra/log/open';
import { openRegistry } from '../../../../infra/registry/open';
import { openTelemetry } from '../../../../infra/telemetry/open';
import { createTimescaleSink } from '../sink';
import { rigConfiguration } from './rig';

async function main(): Promise<void> {
  const [dataDir, url] = process.argv.slice(2);
  const config = rigConfiguration(dataDir, url, 'sink.batchRows=500', 'sink.pollRecords=2');
  const telemetry = openTelemetry(config, 'test');
  const sink = createTimescaleSink({ config, log: await openLog(config), registry: await openRegistry(config), telemetry }, (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
  await sink.start();
  process.stdout.write('started\n');
}

void main();
