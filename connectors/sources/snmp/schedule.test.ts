import { Schedule } from './schedule';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A schedule of names whose work takes `tookMs`; what was run, when. */
function scheduled(options: { tookMs?: (name: string) => number; good?: (name: string) => boolean; concurrency?: number; random?: number } = {}) {
  const { tookMs = () => 10, good = () => true, concurrency = 2, random = 0.5 } = options;
  const runs: [name: string, at: number][] = [];
  let atWork = 0;
  let most = 0;
  const began = performance.now();
  const schedule = new Schedule<string>({
    run: async (name) => {
      runs.push([name, performance.now() - began]);
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setTimeout(resolve, tookMs(name)));
      atWork--;
      return good(name);
    },
    concurrency,
    intervalMs: () => 60_000,
    maxBackoffMs: 600_000,
    random: () => random,
  });
  return { schedule, runs, timesOf: (name: string) => runs.filter(([run]) => run === name).map(([, at]) => Math.round(at)), most: () => most };
}

it('gives every item its turn in each interval, however long its work took', async () => {
  const { schedule, timesOf } = scheduled({ tookMs: () => 7000 });
  schedule.add('a');
  await jest.advanceTimersByTimeAsync(200_000);
  expect(timesOf('a')).toEqual([5000, 65_000, 125_000, 185_000]);
});

it.each([[0, 54_000], [0.999, 66_000]])('an interval is a tenth shorter or longer by chance: %d', async (random, interval) => {
  const { schedule, timesOf } = scheduled({ random });
  schedule.add('a');
  await jest.advanceTimersByTimeAsync(80_000);
  const [first, second] = timesOf('a');
  expect(Math.abs(second - first - interval)).toBeLessThan(50);
});

it('no more than so many are at work at once, and none is forgotten', async () => {
  const { schedule, runs, most } = scheduled({ tookMs: () => 3000, concurrency: 2 });
  const names = Array.from({ length: 9 }, (_, i) => `item ${i}`);
  names.forEach((name) => schedule.add(name));
  await jest.advanceTimersByTimeAsync(30_000);
  expect(runs.map(([name]) => name)).toEqual(names);
  expect(most()).toBe(2);
});

it('after failures the interval doubles up to the limit, after a success it is as before', async () => {
  let good = false;
  const { schedule, timesOf } = scheduled({ good: () => good });
  schedule.add('a');
  await jest.advanceTimersByTimeAsync(3_000_000);
  const times = timesOf('a');
  expect(times.slice(1).map((at, i) => (at - times[i]) / 60_000)).toEqual([1, 2, 4, 8, 10, 10, 10]);
  expect(schedule.items[0].failures).toBe(8);
  good = true;
  await jest.advanceTimersByTimeAsync(700_000);
  const after = timesOf('a').slice(times.length);
  expect(schedule.items[0].failures).toBe(0);
  expect(after[1] - after[0]).toBe(60_000);
});

it('items that hang do not delay those that went well', async () => {
  const hangs = (name: string): boolean => name.startsWith('dead');
  const { schedule, timesOf } = scheduled({ tookMs: (name) => (hangs(name) ? 50_000 : 10), good: (name) => !hangs(name), concurrency: 2 });
  schedule.add('alive');
  await jest.advanceTimersByTimeAsync(6000);
  for (let i = 0; i < 50; i++) schedule.add(`dead ${i}`);
  await jest.advanceTimersByTimeAsync(1_200_000);
  expect(timesOf('alive').length).toBe(21);
});

it('an item that was taken away has no more turns', async () => {
  const { schedule, timesOf } = scheduled();
  schedule.add('a');
  await jest.advanceTimersByTimeAsync(10_000);
  schedule.remove('a');
  await jest.advanceTimersByTimeAsync(200_000);
  expect(timesOf('a')).toEqual([5000]);
  expect(schedule.items).toEqual([]);
});

it('stops when the work under way has ended', async () => {
  const { schedule, runs } = scheduled({ tookMs: () => 4000, concurrency: 1 });
  schedule.add('a');
  schedule.add('b');
  await jest.advanceTimersByTimeAsync(6000);
  let stopped = false;
  void schedule.stop().then(() => (stopped = true));
  await jest.advanceTimersByTimeAsync(1000);
  expect(stopped).toBe(false);
  await jest.advanceTimersByTimeAsync(3000);
  expect(stopped).toBe(true);
  await jest.advanceTimersByTimeAsync(200_000);
  expect(runs).toHaveLength(1);
});
