/** The short form of `npm run chaos`: a broker, a registry and a database of its own, ten faults, everything compared with a calm run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NETWEAVER } from '../support/stack';

const root = join(__dirname, '../..');
const onPath = (program: string): boolean => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
// It starts servers of its own, but only where the suite runs on Kafka at all.
const available = process.env.NETWEAVER_TEST_KAFKA !== undefined && onPath('java') && onPath('mvn') && existsSync(NETWEAVER);
const whenAvailable = available ? describe : describe.skip;

function run(...options: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', './bin/ts.cjs', 'tests/chaos/main.ts', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  return { status, output: `${stdout}\n${stderr}` };
}

whenAvailable(`what is committed after faults${available ? '' : ' (left out: needs NETWEAVER_TEST_KAFKA, Java, Maven and a build)'}`, () => {
  // The seed draws nine kinds of fault: all but those that strike everything at once, and a sink that is frozen for long.
  it('equals a calm run, record by record', () => {
    const { status, output } = run('--faults', '10', '--seed', '2329');
    if (status !== 0) process.stderr.write(output);
    expect(status).toBe(0);
    expect(output).toContain('"chaos":"as built"');
  }, 900_000);

  it('does not, where positions are committed outside the transaction', () => {
    const { status, output } = run('--faults', '6', '--seed', '1', '--only', 'processor killed', '--broken');
    if (status !== 0) process.stderr.write(output);
    expect(status).toBe(0);
    expect(output).toContain('The broken variant was caught.');
  }, 900_000);
});
