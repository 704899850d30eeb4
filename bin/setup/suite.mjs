import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { testArguments } from './arguments.mjs';
import { ensureBuild } from './build.mjs';
import { jest } from './jest.mjs';
import { ensureClient, lacking } from './kafka.mjs';
import { ensureModules } from './modules.mjs';
import { run, say } from './run.mjs';
import { startServices } from './services.mjs';

/** Environment variables that a test file names where it wants real Kafka or a real registry. */
const WANTS_SERVICES = /NETWEAVER_TEST_(KAFKA|REGISTRY)/;

/** Types, lint and tests; true where nothing failed. */
export async function runSuite(root, given) {
  const { paths, options } = testArguments(given);
  // Debian keeps softflowd where the PATH of an ordinary user does not look.
  process.env.PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const failedSteps = [];
  const step = async (name, work) => {
    try {
      await work();
    } catch (error) {
      failedSteps.push(name);
      process.stderr.write(`${error.message}\n`);
    }
  };
  await ensureModules(root);
  await step('types', () => ensureBuild(root));
  await step('lint', () => run('linting', [process.execPath, 'node_modules/eslint/bin/eslint.js', '.'], { cwd: root }));

  const files = chosenTests(root, paths);
  const services = await openServices(root, files);
  try {
    noteOthers();
    const result = await jest(root, [...paths, ...options], services.environment, files);
    const failed = result.failed + failedSteps.length;
    if (failedSteps.length > 0) process.stdout.write(`\nfailed before the tests: ${failedSteps.join(', ')}\n`);
    process.stdout.write(`\n${result.passed} passed, ${failed} failed, ${result.skipped} skipped\n`);
    return failed === 0;
  } finally {
    await services.stop();
  }
}

/** Real Kafka and a real registry where a chosen test wants them and this machine has what they take. */
async function openServices(root, files) {
  const none = { environment: {}, stop: async () => undefined };
  const { NETWEAVER_TEST_KAFKA: kafka, NETWEAVER_TEST_REGISTRY: registry } = process.env;
  if (kafka !== undefined && registry !== undefined) {
    say(`testing on Kafka ${kafka} and registry ${registry}, as the environment says`);
    return none;
  }
  if (!files.some((file) => WANTS_SERVICES.test(readFileSync(file, 'utf8')))) return none;
  const lacks = lacking(root);
  if (lacks.length > 0) {
    const text = `tests on real Kafka and a real registry are left out; they want ${lacks.join(', ')}`;
    if (process.env.NETWEAVER_REQUIRE_KAFKA === '1') throw new Error(text);
    say(text);
    return none;
  }
  try {
    await ensureClient(root);
    return await startServices(root);
  } catch (error) {
    if (process.env.NETWEAVER_REQUIRE_KAFKA === '1') throw error;
    say(`tests on real Kafka and a real registry are left out; they could not be started: ${error.message}`);
    return none;
  }
}

function chosenTests(root, paths) {
  const listed = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--listTests', ...paths], { cwd: root, encoding: 'utf8' });
  return listed.stdout.split('\n').filter((line) => line.endsWith('.test.ts'));
}

/** What else changes how much is tested, in one line each. */
function noteOthers() {
  const url = process.env.NETWEAVER_TEST_TIMESCALE_URL;
  say(url === undefined ? 'the sink is tested on plain PostgreSQL; with NETWEAVER_TEST_TIMESCALE_URL=postgres://… also on that TimescaleDB' : 'the sink is also tested on the TimescaleDB of NETWEAVER_TEST_TIMESCALE_URL');
  const absent = [['softflowd', '-h'], ['nfcapd', '-V']].filter(([program, argument]) => !isThere(program, argument)).map(([program]) => program);
  if (absent.length > 0) say(`tests with a live exporter are left out; they want ${absent.join(' and ')} (Debian: softflowd nfdump)`);
}

const isThere = (program, argument) => spawnSync(program, [argument], { timeout: 10_000 }).error === undefined;
