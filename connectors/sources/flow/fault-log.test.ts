import { ConfiguredRates } from '../../../domain/flow/sampling';
import { Sources } from '../../../domain/flow/sources';
import { FaultLog } from './fault-log';

function setUp() {
  let now = 0;
  const lines: Record<string, unknown>[] = [];
  const log = new FaultLog({ warn: (fields: Record<string, unknown>) => void lines.push(fields) } as never, () => now);
  const sources = new Sources(new ConfiguredRates({}, 0));
  return { log, lines, of: (address: string) => sources.of(address), wait: (ms: number) => (now += ms) };
}

test('a fault of an exporter is written at once, then once a minute with how many were held back', () => {
  const { log, lines, of, wait } = setUp();
  for (let i = 0; i < 5; i++) log.note(of('192.0.2.1'), 'truncated');
  wait(60_000);
  log.note(of('192.0.2.1'), 'truncated');
  expect(lines).toEqual([{ exporter: '192.0.2.1', reason: 'truncated', heldBack: 0 }, { exporter: '192.0.2.1', reason: 'truncated', heldBack: 4 }]);
});

test('a missing template is written once for each exporter and id, however long it is missing', () => {
  const { log, lines, of, wait } = setUp();
  for (let i = 0; i < 100; i++) {
    log.note(of('192.0.2.1'), 'template_missing', 256 + (i % 2));
    wait(60_000);
  }
  expect(lines.map(({ template }) => template)).toEqual([256, 257]);
});

test('a flood of made-up exporters writes sixty lines a minute, and then how many were left out', () => {
  const { log, lines, of, wait } = setUp();
  for (let i = 0; i < 1000; i++) log.note(of(`10.0.${i >> 8}.${i & 255}`), i % 2 ? 'truncated' : 'template_missing', 256);
  expect(lines).toHaveLength(60);
  wait(60_000);
  log.note(of('192.0.2.1'), 'truncated');
  expect(lines.slice(60)).toEqual([{ lines: 940 }, { exporter: '192.0.2.1', reason: 'truncated', heldBack: 0 }]);
});
