/** Exporters that number a datagram by its last flow (Open vSwitch, NetFlow v5) beside those that number it by its first. */
import { Sequence } from './sequence';

type Kind = 'first' | 'last';
interface Sent {
  readonly number: number;
  readonly flows: number;
  readonly boot: number;
}

const WRAP = 4294967296;

/** Full datagrams of 30 flows, each burst ending with what is left, as caches are emptied. */
function bursts(count: number, kind: Kind, { start = 0, boot = -1 }: { start?: number; boot?: number } = {}): Sent[] {
  let seed = 11;
  let next = start;
  const list: Sent[] = [];
  for (let burst = 0; burst < count; burst++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    for (let left = 1 + (seed >>> 16) % 90; left > 0; left -= 30) {
      const flows = Math.min(30, left);
      list.push({ number: (kind === 'first' ? next : next + flows - 1) % WRAP, flows, boot });
      next += flows;
    }
  }
  return list;
}

function receive(sent: readonly Sent[]): Sequence {
  const sequence = new Sequence('FLOWS', 'DATAGRAMS');
  sent.forEach(({ number, flows, boot }, i) => sequence.track(number, flows, 1, boot, i * 10));
  return sequence;
}

const flowsOf = (sent: readonly Sent[]): number => sent.reduce((sum, { flows }) => sum + flows, 0);
const figures = (sequence: Sequence): object => ({ received: sequence.received, lost: sequence.lost, reordered: sequence.reordered, duplicates: sequence.duplicates, restarts: sequence.restarts });
const expected = (received: number, rest: object = {}): object => ({ received, lost: 0, reordered: 0, duplicates: 0, restarts: 0, ...rest });

test('the datagrams of Open vSwitch 3.1 as they came, number and flows: nothing is lost', () => {
  const seen = [[0, 1], [30, 30], [42, 12], [72, 30], [88, 16], [118, 30], [137, 19], [161, 24], [189, 28]] as const;
  expect(figures(receive(seen.map(([number, flows]) => ({ number, flows, boot: -1 }))))).toEqual(expected(190));
});

test('its second burst that ends with a datagram not full tells: what the first looked like is taken back', () => {
  const eighty = [[29, 30], [59, 30], [79, 20]] as const;
  const again = eighty.map(([number, flows]) => [number + 80, flows] as const);
  const list = [...eighty, ...again].map(([number, flows]) => ({ number, flows, boot: -1 }));
  expect(receive(list.slice(0, 4)).lost).toBe(20);
  expect(figures(receive(list))).toEqual(expected(160));
});

describe.each<Kind>(['first', 'last'])('numbered by the %s flow', (kind) => {
  const all = bursts(200, kind);

  test('all came', () => expect(figures(receive(all))).toEqual(expected(flowsOf(all))));

  test('over the wrap', () => {
    const wrapping = bursts(200, kind, { start: WRAP - 4000 });
    expect(figures(receive(wrapping))).toEqual(expected(flowsOf(wrapping)));
  });

  test.each([3, 7, 10, 40])('every %ith datagram is lost, from the beginning on', (every) => {
    const arrived = all.slice(0, -1).filter((_, i) => i % every !== every - 1).concat(all.at(-1)!);
    const lost = flowsOf(all) - flowsOf(arrived);
    expect(figures(receive(arrived))).toEqual(expected(flowsOf(arrived), { lost }));
  });

  const swapped = (list: readonly Sent[], every: number, from = 0): Sent[] => {
    const mixed = [...list];
    for (let i = from; i + 2 < list.length; i += every) [mixed[i], mixed[i + 1]] = [list[i + 1], list[i]];
    return mixed;
  };

  test('neighbours change places, each with the next', () => {
    expect(receive(swapped(all, 2, 40))).toMatchObject({ received: flowsOf(all), lost: 0, duplicates: 0, restarts: 0 });
  });

  test('some do so from the beginning on, and some are lost: known to within a datagram', () => {
    const arrived = all.filter((_, i) => i % 20 !== 13);
    const sequence = receive(swapped(arrived, 7, 3));
    expect(sequence).toMatchObject({ duplicates: 0, restarts: 0 });
    expect(Math.abs(sequence.lost - flowsOf(all) + flowsOf(arrived))).toBeLessThan(30);
  });

  test('each comes twice', () => {
    expect(receive(all.flatMap((one) => [one, one]))).toMatchObject({ lost: 0, restarts: 0 });
  });

  test.each([['with', 1_000_000], ['without', -1]])('starts anew, %s sysUpTime that says so', (_name, boot) => {
    const before = bursts(100, kind, { start: 5_000_000, boot });
    const after = bursts(100, kind, { boot: boot < 0 ? -1 : boot + 600_000 });
    expect(receive([...before, ...after])).toMatchObject({ lost: 0, duplicates: 0, restarts: 1 });
  });
});

test('an exporter that counts otherwise from some day on is followed', () => {
  const before = bursts(100, 'last');
  const after = bursts(100, 'first', { start: flowsOf(before) });
  const { lost, duplicates, restarts } = receive([...before, ...after]);
  expect(lost).toBeLessThanOrEqual(30);
  expect(duplicates).toBeLessThanOrEqual(1);
  expect(restarts).toBe(0);
});

test('true loss in every second place is never taken for another way of counting, whatever the sizes', () => {
  let seed = 5;
  const random = (below: number): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8) % below;
  for (let run = 0; run < 200; run++) {
    const sizes = Array.from({ length: 300 }, () => 1 + random(1 + random(30)));
    let number = 0;
    const all = sizes.map((flows) => ({ number: (number += flows) - flows, flows, boot: -1 }));
    const arrived = all.filter((_, i) => i === 0 || i === all.length - 1 || random(2) === 0);
    expect(receive(arrived).lost).toBe(flowsOf(all) - flowsOf(arrived));
  }
});
