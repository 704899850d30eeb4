import type { MetricValues } from '../hosting/messages';
import { sumOf, sumsBy } from './counters';
import { figureLines, helpLines, screen, type ViewData, type ViewFrame } from './render';

const frame: ViewFrame = { url: 'http://127.0.0.1:9100', dataDir: '/var/lib/nw', log: 'embedded', demo: true, address: '192.0.2.7', netflowPort: 2055, ipfixPort: 4739, sflowPort: 6343 };
const data: ViewData = {
  upSeconds: 3725.4,
  readiness: null,
  datagramsPerSecond: 40,
  flowsPerSecond: 1250,
  rowsPerSecond: 1200.4,
  lag: 12,
  dropped: 0,
  errors: [],
  talkers: [{ source: '10.0.0.1', destination: '10.0.0.2', bitsPerSecond: 1_500_000, packetsPerSecond: 130 }],
  interfaces: [{ exporter: '192.0.2.1', interface: 3, inBitsPerSecond: 2e6, outBitsPerSecond: 5e5 }],
  alerts: [],
  databaseNote: null,
};

test('the figures: rates, lag, drops, errors, talkers, interfaces', () => {
  expect(figureLines(data, frame)).toEqual([
    'NetWeaver  1:02:05  embedded log  ready  fed by a simulated network',
    'flows/s 1.25 k  datagrams/s 40  stored/s 1.20 k  lag 12  dropped 0  errors 0',
    '',
    'Top talkers, last minute',
    '  source    destination  bit/s   packets/s',
    '  10.0.0.1  10.0.0.2     1.50 M  130',
    '',
    'Interfaces, last minute',
    '  exporter   interface  in bit/s  out bit/s',
    '  192.0.2.1          3  2.00 M    500 k',
  ]);
});

test('open alerts stand above everything else, the gravest first, and how many more there are', () => {
  const alert = (id: string) => ({ id, severity: 'critical', kind: 'syn-flood', subject: '198.51.100.7', value: 84_000, threshold: 10_000, unit: 'packets/s' });
  const alerts = ['syn-flood-1', 'syn-flood-2', 'syn-flood-3', 'syn-flood-4'].map(alert);
  expect(figureLines({ ...data, alerts }, frame).slice(2, 6)).toEqual([
    'ALERT critical  syn-flood on 198.51.100.7: 84.0 k packets/s, 8.4 times 10.0 k packets/s  syn-flood-1',
    'ALERT critical  syn-flood on 198.51.100.7: 84.0 k packets/s, 8.4 times 10.0 k packets/s  syn-flood-2',
    'ALERT critical  syn-flood on 198.51.100.7: 84.0 k packets/s, 8.4 times 10.0 k packets/s  syn-flood-3  and 1 more',
    '',
  ]);
  // Whatever is open, the help is there to its last line.
  expect(screen({ ...data, alerts }, frame, 80, 24)).toContain(helpLines(frame).at(-1));
});

test('what is wrong is said', () => {
  const text = figureLines({ ...data, readiness: 'sink: database', dropped: 3, errors: [['NW_X', 2000]], talkers: [], interfaces: [], databaseNote: 'the database does not answer' }, frame).join('\n');
  expect(text).toContain('not ready: sink: database');
  expect(text).toContain('dropped 3  errors 2.00 k NW_X');
  expect(text).toContain('  the database does not answer');
});

test('the help names the real ports and how to go without the simulated network', () => {
  const text = helpLines({ ...frame, netflowPort: 12055 }).join('\n');
  expect(text).toContain('softflowd -i eth0 -v 9 -n 192.0.2.7:12055');
  expect(text).toContain('--no-demo');
  expect(helpLines({ ...frame, demo: false }).join('\n')).not.toContain('--no-demo');
});

test('a terminal of 24 lines holds the figures and the whole help, at 80 columns uncut', () => {
  const many = { ...data, talkers: Array.from({ length: 5 }, () => data.talkers[0]), interfaces: Array.from({ length: 5 }, () => data.interfaces[0]) };
  const text = screen(many, frame, 80, 24);
  for (const line of helpLines(frame)) expect(text).toContain(`${line}\x1b[K\n`);
  expect(text.split('\n').length).toBeLessThanOrEqual(24);
  expect(text.match(/10\.0\.0\.1 /g)).toHaveLength(2);
});

test('a screen is cut to the terminal, so that it never scrolls', () => {
  const lines = screen(data, frame, 20, 5).split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(line.replace(/\x1b\[[HKJ]/g, '').length).toBeLessThanOrEqual(20);
});

describe('counters', () => {
  const metrics = [
    { name: 'x_total', help: '', type: 'counter', aggregator: 'sum', values: [{ value: 2, labels: { kind: 'source', code: 'A' } }, { value: 3, labels: { kind: 'sink', code: 'B' } }] },
    { name: 'x_total', help: '', type: 'counter', aggregator: 'sum', values: [{ value: 4, labels: { kind: 'sink', code: 'A' } }, { value: 0, labels: { kind: 'sink', code: 'C' } }] },
    { name: 'y_total', help: '', type: 'counter', aggregator: 'sum', values: [{ value: 9, labels: {} }] },
  ] as unknown as MetricValues[];

  test('are added over roles and labels', () => {
    expect(sumOf(metrics, 'x_total')).toBe(9);
    expect(sumOf(metrics, 'x_total', { kind: 'sink' })).toBe(7);
    expect(sumOf(metrics, 'z_total')).toBe(0);
  });

  test('are listed by a label, most first, without zeros', () => {
    expect(sumsBy(metrics, 'x_total', 'code')).toEqual([['A', 6], ['B', 3]]);
  });
});
