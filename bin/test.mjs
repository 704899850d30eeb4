// `npm test`: set-up, types, lint, then the test suite against everything that is real on this machine.
//   npm test -- processors            only the tests whose path contains that
// Ends with a line `N passed, N failed, N skipped`.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireNode } from './setup/node-version.mjs';

if (!requireNode(process.versions.node)) process.exit(1);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

import('./setup/suite.mjs')
  .then(({ runSuite }) => runSuite(root, process.argv.slice(2)))
  .then((ok) => (process.exitCode = ok ? 0 : 1))
  .catch((error) => {
    process.stderr.write(`netweaver: ${error.message}\n`);
    process.stdout.write('\n0 passed, 1 failed, 0 skipped\n');
    process.exitCode = 1;
  });
