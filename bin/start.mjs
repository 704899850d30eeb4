// `npm start`: set-up where it is needed, then every role on this machine, fed by a simulated network and shown in the terminal.
//   npm start -- --no-demo            without the simulated network
//   npm start -- --rate 5000          that many simulated flows a second
//   npm start -- --set section.key=…  configuration, as for `netweaver all`
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireNode } from './setup/node-version.mjs';

if (!requireNode(process.versions.node)) process.exit(1);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const start = async () => {
  const { startArguments } = await import('./setup/arguments.mjs');
  const args = startArguments(process.argv.slice(2));
  await (await import('./setup/modules.mjs')).ensureModules(root);
  await (await import('./setup/build.mjs')).ensureBuild(root);
  (await import('./setup/run.mjs')).say('starting the embedded log, the embedded database and the roles');
  await createRequire(import.meta.url)(join(root, 'dist/bin/netweaver.js')).main(args);
};
start().catch((error) => {
  process.stderr.write(`netweaver: ${error.message}\n`);
  process.exitCode = 1;
});
