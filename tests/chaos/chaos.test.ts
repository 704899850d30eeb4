/** The short form of `npm run chaos`: a broker, a registry and a database of its own, ten faults, everything compared with a calm run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
// Where the suite found what Kafka takes, the harness finds it too.
const available = process.env.NETWEAVER_TEST_KAFKA !== undefined && existsSync(join(root, 'dist/bin/netweaver.js'));
const whenAvailable = available ? describe : describe.skip;

function run(...options: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', './bin/ts.cjs', 'tests/chaos/main.ts', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  return { status, output: `${stdout}\n${stderr}` };
}

whenAvailable(`what is committed after faults${available ? '' : ' (needs NETWEAVER_TEST_KAFKA and a build)'}`, () => {
  it('equals a calm run, record by record', () => {
    const { status, output } = run('--faults', '10', '--seed', '20261121');
    if (status !== 0) process.stderr.write(output);
    expect(status).toBe(0);
    expect(output).toContain('"chaos":"as built"');
  }, 900_000);

  it('does not, where positions are committed outside the transaction', () => {
    const { status, output } = run('--faults', '8', '--seed', '1', '--only', 'processor killed', '--broken');
    if (status !== 0) process.stderr.write(output);
    expect(status).toBe(0);
    expect(output).toContain('The broken variant was caught.');
  }, 900_000);
});
