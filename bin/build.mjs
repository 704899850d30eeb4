// Set-up without a run: packages where they are missing, then the build where it is stale.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireNode } from './setup/node-version.mjs';

if (!requireNode(process.versions.node)) process.exit(1);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const prepare = async () => {
  await (await import('./setup/modules.mjs')).ensureModules(root);
  await (await import('./setup/build.mjs')).ensureBuild(root);
};
prepare().catch((error) => {
  process.stderr.write(`netweaver: ${error.message}\n`);
  process.exitCode = 1;
});
