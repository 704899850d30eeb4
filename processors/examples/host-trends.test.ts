import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../infra/root';
import { LATE } from '../../topics';
import type { HostTraffic } from '../../schemas';
import { Driver } from '../runtime/driver';
import { batch, HOUR } from '../runtime/testing/flows';
import { hostTrends, HOST_TRENDS } from './host-trends';

const MINUTE = 60_000;
const flow = (minute: number, srcAddr: string, bytes: number): Buffer => batch([{ srcAddr, bytes, end: HOUR + minute * MINUTE }]);
const told = (driver: Driver<typeof hostTrends.section>): string[] => {
  driver.commit();
  return (driver.values(HOST_TRENDS) as HostTraffic[]).map(({ windowStart, rows }) => `${(windowStart - HOUR) / MINUTE}: ${rows.map(({ addr, bytesOut }) => `${addr} ${bytesOut}`).join(', ')}`);
};

describe('host-trends', () => {
  test.each<[string, Buffer[], string[]]>([
    ['a minute later the window before is told', [flow(0, '10.0.0.1', 1), flow(1, '10.0.0.2', 2), flow(2, '10.0.0.1', 4)], ['-4: 10.0.0.1 1', '-3: 10.0.0.1 1, 10.0.0.2 2']],
    ['a flow counts where it ended', [flow(0.9, '10.0.0.1', 1), flow(0.5, '10.0.0.1', 2), flow(1, '10.0.0.1', 4)], ['-4: 10.0.0.1 3']],
    ['one that is late for a window counts in the next', [flow(1, '10.0.0.1', 1), flow(0.5, '10.0.0.1', 2), flow(2, '10.0.0.1', 4)], ['-3: 10.0.0.1 3']],
  ])('%s', (_, values, expected) => {
    const driver = new Driver(hostTrends, { graceMs: 0 });
    for (const value of values) driver.feed(value);
    expect(told(driver)).toEqual(expected);
  });

  test('late flows are told', () => {
    const driver = new Driver(hostTrends, { graceMs: 0 });
    for (const value of [flow(7, '10.0.0.1', 1), flow(0, '10.0.0.1', 2)]) driver.feed(value);
    driver.commit();
    expect(driver.values(LATE)).toMatchObject([{ rows: 1, bytes: 2 }]);
  });

  test('what it holds can be seen', () => {
    const driver = new Driver(hostTrends);
    for (const value of [flow(0, '10.0.0.1', 1), flow(1, '10.0.0.2', 2), flow(1, '10.0.0.1', 4)]) driver.feed(value);
    expect(driver.views()[0].find(['10.0.0.1'])).toEqual([
      ['2026-01-02T03:00:00.000Z', '10.0.0.1', 1, 10, 1],
      ['2026-01-02T03:01:00.000Z', '10.0.0.1', 4, 10, 1],
    ]);
  });

  test('a restart changes nothing', () => {
    const run = (restart: boolean): unknown => {
      const driver = new Driver(hostTrends);
      for (let minute = 0; minute < 20; minute += 0.25) {
        driver.feed(flow(minute, `10.0.0.${(4 * minute) % 7}`, minute * 4));
        if (restart && minute % 1 === 0.5) driver.commit(minute % 2 === 0.5);
        if (restart && minute % 3 === 0) driver.restart();
      }
      driver.silence(HOUR + 60 * MINUTE);
      driver.commit();
      return driver.outputs;
    };
    expect(run(true)).toEqual(run(false));
  });
});

test('docs/processors.md shows the processor and its test as they are', () => {
  const page = readFileSync(join(ROOT, 'docs/processors.md'), 'utf8');
  for (const file of ['host-trends.ts', 'host-trends.test.ts']) {
    const code = readFileSync(join(ROOT, 'processors/examples', file), 'utf8');
    const shown = file === 'host-trends.ts' ? code : code.slice(code.indexOf("describe('host-trends'"), code.indexOf("\ntest('docs/processors.md"));
    expect(page).toContain(`\`\`\`ts\n${shown}\`\`\``);
  }
});
