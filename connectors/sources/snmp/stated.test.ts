import type { InterfaceState } from '../../../schemas';
import { StatedInterfaces } from './stated';

const HOUR = 3_600_000;
const state = (ifIndex: number, over: Partial<InterfaceState> = {}): InterfaceState => ({ device: '192.0.2.1', ifIndex, time: 0, source: 'SNMP', deviceName: 'r1', name: `eth${ifIndex}`, alias: '', description: '', speed: 1e9, adminUp: true, operUp: true, ...over });
const indices = ({ changed, gone }: ReturnType<StatedInterfaces['news']>): [number[], number[]] => [changed.map(({ ifIndex }) => ifIndex), [...gone]];

let stated: StatedInterfaces;
beforeEach(() => {
  stated = new StatedInterfaces(HOUR);
  expect(indices(stated.news('192.0.2.1', [state(1), state(2)]))).toEqual([[1, 2], []]);
});

it.each<[string, InterfaceState[], number[], number[]]>([
  ['nothing changed', [state(1, { time: 60_000 }), state(2, { time: 60_000 })], [], []],
  ['a status changed', [state(1), state(2, { operUp: false })], [2], []],
  ['an alias changed', [state(1, { alias: 'x' }), state(2)], [1], []],
  ['the device has another name', [state(1, { deviceName: 'r2' }), state(2, { deviceName: 'r2' })], [1, 2], []],
  ['an interface came, another went', [state(2), state(3)], [3], [1]],
  ['an hour has passed', [state(1, { time: HOUR }), state(2, { time: HOUR - 1 })], [1], []],
])('%s', (_, states, changed, gone) => expect(indices(stated.news('192.0.2.1', states))).toEqual([changed, gone]));

it('what was told is not told again, what went is not told to be gone again', () => {
  stated.news('192.0.2.1', [state(2, { alias: 'x' })]);
  expect(indices(stated.news('192.0.2.1', [state(2, { alias: 'x' })]))).toEqual([[], []]);
});

it('devices are apart', () => {
  expect(indices(stated.news('192.0.2.2', [state(1, { device: '192.0.2.2' })]))).toEqual([[1], []]);
});

it('goes on from what stands on the topic', () => {
  const later = new StatedInterfaces(HOUR);
  later.restore('192.0.2.1', 1, state(1));
  later.restore('192.0.2.1', 2, state(2));
  later.restore('192.0.2.1', 3, state(3));
  later.restore('192.0.2.1', 3, null);
  expect(indices(later.news('192.0.2.1', [state(1), state(4)]))).toEqual([[4], [2]]);
});
