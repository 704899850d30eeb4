import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { say } from './run.mjs';

/** No file of tests takes this long: a run that says nothing for so long hangs. */
const SILENCE_MS = 20 * 60_000;

/**
 * Runs jest and shows what it says. `files` are those that it will run.
 * @throws Error it hangs (with the files that have no result), it ended without results, or no test has such a path
 */
export async function jest(root, args, environment, files) {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-test-'));
  try {
    const output = join(folder, 'result.json');
    const workers = Math.max(1, Math.min(4, availableParallelism()));
    say(`testing (${workers} workers)`);
    const jestArgs = ['node_modules/jest/bin/jest.js', `--maxWorkers=${workers}`, '--json', `--outputFile=${output}`, '--passWithNoTests=false', ...args];
    const open = await watched(spawn(process.execPath, jestArgs, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'], detached: true }), files.map((file) => relative(root, file)));
    if (open !== null) throw new Error(`jest has said nothing for ${SILENCE_MS / 60_000} min and was ended; these had no result: ${open.join(', ')}`);
    if (!existsSync(output)) throw new Error('jest ended without results');
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites, numTotalTests } = JSON.parse(readFileSync(output, 'utf8'));
    if (numTotalTests === 0 && numRuntimeErrorTestSuites === 0) throw new Error('no test has a path like that');
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped: numPendingTests + numTodoTests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Null once the child has ended by itself; the files without a result where it had to be ended. The child leads a group of its own, so that its workers end with it. */
function watched(child, files) {
  return new Promise((resolve, reject) => {
    const open = new Set(files);
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        child.kill(signal);
      }
    };
    const asked = ['SIGINT', 'SIGTERM'].map((signal) => [signal, () => end(signal)]);
    for (const [signal, listener] of asked) process.on(signal, listener);
    let hangs = false;
    const silence = setTimeout(() => {
      hangs = true;
      end('SIGKILL');
    }, SILENCE_MS);
    child.stderr.on('data', (part) => {
      silence.refresh();
      process.stderr.write(part);
      for (const [, file] of String(part).matchAll(/(?:PASS|FAIL)\S*\s+(\S+\.test\.ts)/g)) open.delete(file);
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(silence);
      for (const [signal, listener] of asked) process.off(signal, listener);
      resolve(hangs ? [...open] : null);
    });
  });
}
