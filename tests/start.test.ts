/** `npm start` on a machine that has its packages: everything runs, is fed, is shown, and is found again. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { freeUdpPort, NETWEAVER, until } from './support/stack';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));

let sets: string[];
beforeAll(async () => {
  const [netflow, ipfix, sflow] = await Promise.all([freeUdpPort(), freeUdpPort(), freeUdpPort()]);
  const values = [`data.dir=${folder}/data`, 'http.allPort=0', `collector.netflowPort=${netflow}`, `collector.ipfixPort=${ipfix}`, `collector.sflowPort=${sflow}`];
  sets = values.flatMap((value) => ['--set', value]);
});

let child: ChildProcess;
let out = '';
afterEach(() => void child.kill('SIGKILL'));

/** Runs `npm start` until its standard output agrees; then stops it as a service manager would. Its exit code. */
async function start(args: readonly string[], shown: RegExp): Promise<number | null> {
  out = '';
  child = spawn(process.execPath, [join(ROOT, 'bin/start.mjs'), ...args, ...sets], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stdout!.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr!.on('data', (part: Buffer) => (err += part.toString()));
  await until(
    `it shows ${shown.source}`,
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${err}`);
      return shown.test(out);
    },
    () => out + err,
  );
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  return (await exited)[0] as number | null;
}

const rows = (): number => {
  const { stdout, stderr } = spawnSync(process.execPath, [NETWEAVER, 'query', 'sql', 'select count(*)::int as flows from flow_records', '--json', ...sets], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { flows: number }).flows;
};

test('it is fed by a simulated network of four protocols and shows rates, talkers and interfaces; the data is there at the next start', async () => {
  const shown = /flows\/s [1-9][^\n]*stored\/s [1-9][^]*Top talkers, last minute\n {2}source [^]*\n {2}(?:172\.|198\.1[89]\.|2001:db8:)[^]*Interfaces, last minute\n {2}exporter /;
  expect(await start([], shown)).toBe(0);
  for (const help of ['Exporters  NetFlow v5/v9 to UDP', 'Replay     bin/netweaver replay', 'Ask        bin/netweaver query top', 'Stop       Ctrl-C']) expect(out).toContain(help);
  const before = rows();
  expect(before).toBeGreaterThan(0);

  expect(await start(['--no-demo'], /ready\n/)).toBe(0);
  expect(out).not.toContain('simulated');
  expect(rows()).toBeGreaterThanOrEqual(before);
}, 180_000);
