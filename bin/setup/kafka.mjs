import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from './run.mjs';

/** First line that a program prints about its version, or undefined where it cannot be run. */
export function versionOf(program, argument = '--version') {
  const { status, stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8', timeout: 30_000 });
  return status === 0 ? `${stdout}${stderr}`.trim().split('\n')[0] : undefined;
}

/** Major version in what `java -version` prints: `openjdk version "17.0.9"` is 17, `java version "1.8.0"` is 8. */
export function javaMajor(line) {
  const match = /version "(?:1\.)?(\d+)/.exec(line ?? '');
  return match === null ? 0 : Number(match[1]);
}

/** Whether the Kafka client is compiled. */
export const clientIsCompiled = (root) => existsSync(join(root, 'node_modules/node-rdkafka/build/Release/node-librdkafka.node'));

/** What real Kafka, the registry and their client want and this machine lacks, in words; empty where nothing is. */
export function lacking(root, find = versionOf) {
  const lacks = [];
  if (javaMajor(find('java', '-version')) < 17) lacks.push('Java 17 or later (Debian: default-jre-headless)');
  if (find('mvn') === undefined) lacks.push('Maven (Debian: maven)');
  if (!clientIsCompiled(root)) {
    if (!existsSync(join(root, 'node_modules/node-rdkafka'))) lacks.push('node-rdkafka (npm ci)');
    for (const [program, packages] of [['g++', 'gcc g++'], ['make', 'make'], ['python3', 'python3']]) {
      if (find(program) === undefined) lacks.push(`${program} (Debian: ${packages})`);
    }
  }
  return lacks;
}

/** Compiles the Kafka client where it is not yet. @throws Error with the end of the compiler's output */
export async function ensureClient(root) {
  if (clientIsCompiled(root)) return;
  const env = { ...process.env };
  delete env.JOBS; // its makefile does not bear a parallel build
  await run('compiling the Kafka client, node-rdkafka (two minutes, once)', ['npm', 'rebuild', 'node-rdkafka', '--loglevel=error'], { cwd: root, env, timeoutMs: 20 * 60_000 });
  createRequire(join(root, 'package.json'))('node-rdkafka');
}
