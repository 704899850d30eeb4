import { spawn } from 'node:child_process';

const STILL_EVERY_MS = 15_000;

/** What is said about a step: one line at its start, one every 15 s, one at its end. */
export const say = (text) => process.stderr.write(`netweaver: ${text}\n`);

/**
 * Runs a step of the set-up and says so. Its output is shown where it fails.
 * @throws Error with the command and the end of its output
 */
export async function run(what, [command, ...args], { cwd, env = process.env, timeoutMs, show = false }) {
  say(`${what} …`);
  const begin = performance.now();
  const seconds = () => Math.round((performance.now() - begin) / 1000);
  const still = setInterval(() => say(`  still at it, ${seconds()} s`), STILL_EVERY_MS);
  try {
    const { code, output } = await ended(spawn(command, args, { cwd, env, stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'] }), timeoutMs);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}${output === '' ? '' : `:\n${output}`}`);
  } finally {
    clearInterval(still);
  }
  say(`  done in ${seconds()} s`);
}

function ended(child, timeoutMs) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (output = (output + part).slice(-8_000)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal, output: output.trimEnd() });
    });
  });
}
