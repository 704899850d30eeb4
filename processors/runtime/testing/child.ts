/**
 * The role `process` in a process of its own, for the tests that kill it:
 * `node -r tests/typescript.cjs child.ts <folder> key=value…`. Says `ready` on standard output; SIGTERM drains it.
 */
import { NetWeaverError } from '../../../infra/errors';
import { openProcessing } from './processing';

async function main(): Promise<void> {
  const [folder, ...sets] = process.argv.slice(2);
  const processing = await openProcessing(folder, sets);
  const role = processing.role((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(error instanceof NetWeaverError ? error.exitCode : 1);
  });
  process.once('SIGTERM', () => void role.drain().then(() => processing.close()).then(() => process.exit(0)));
  await role.start();
  process.stdout.write('ready\n');
}

void main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
