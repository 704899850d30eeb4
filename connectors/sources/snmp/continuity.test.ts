import { Continuity } from './continuity';
import type { InterfaceReading } from './interfaces';

const of = (ifIndex: number, over: Partial<InterfaceReading> = {}): InterfaceReading => ({ ifIndex, name: `eth${ifIndex}`, alias: '', description: '', speed: 1e9, adminUp: true, operUp: true, discontinuityTime: 0, counters: null, ...over });
const MINUTE = 60_000;

/** What is broken after a first reading with an uptime of an hour and a second one a minute later. */
function second(uptimeSeconds: number | null, interfaces: readonly InterfaceReading[], laterMs = MINUTE): number[] {
  const continuity = new Continuity();
  expect([...continuity.note(3600, [of(1), of(2)], 0)]).toEqual([]);
  return [...continuity.note(uptimeSeconds, interfaces, laterMs)];
}

it.each<[string, number[], number | null, InterfaceReading[], number]>([
  ['all go on', [], 3660, [of(1), of(2)], MINUTE],
  ['all go on, by a clock that drifts', [], 3650, [of(1), of(2)], MINUTE],
  ['the device restarted', [1, 2], 20, [of(1), of(2)], MINUTE],
  ['the device restarted long ago, and runs for longer than it had run before', [1, 2], 5000, [of(1), of(2)], 10_000_000],
  ['the device does not tell how long it runs', [], null, [of(1), of(2)], MINUTE],
  ['an interface began anew', [2], 3660, [of(1), of(2, { discontinuityTime: 360_000 })], MINUTE],
  ['an index is another interface\'s now', [2], 3660, [of(1), of(2, { name: 'eth7' })], MINUTE],
  ['a new interface has no counters before', [], 3660, [of(1), of(2), of(3)], MINUTE],
  ['an interface went', [], 3660, [of(1)], MINUTE],
])('%s', (_, broken, uptime, interfaces, later) => {
  expect(second(uptime, interfaces, later)).toEqual(broken);
});

it('a slow drift adds up to nothing', () => {
  const continuity = new Continuity();
  for (let i = 0; i < 1000; i++) expect([...continuity.note(3600 + i * 59, [of(1)], i * MINUTE)]).toEqual([]);
});
