/**
 * From one change of a link to the last record of routes.changes: the processor path-recompute on a network of so many devices, the paths of
 * so many sources kept to all devices, links drawn at random that cost more or less, go down and come up again.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/routes.ts [--nodes 10000] [--sources 100] [--changes 1000] [--seed 1] [--damping]
 *
 * A time is that of the record of links.state through the task until its records are made: the change of the trees, the pairs
 * that move, their encoding and what is kept over restarts; without the log and without the back-off, which waits on purpose. Without `--damping` every better path is taken at
 * once, the most work there can be. The network: a ring of every hundredth device with chords, the others in a tree of
 * preferential attachment with a second link each, as in a provider's network. Prints one JSON line.
 */
import { parseArgs } from 'node:util';
import { seeded } from '../../domain/simulate/random';
import { pathRecompute } from '../../processors/path-recompute';
import { Driver, DRIVER_SCHEMA_ID } from '../../processors/runtime/driver';
import { encodeLinkState, type LinkState } from '../../schemas';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values: option } = parseArgs({ options: { nodes: text('10000'), sources: text('100'), changes: text('1000'), seed: text('1'), damping: { type: 'boolean', default: false } } });
const nodes = Number(option.nodes);
const random = seeded(Number(option.seed));
const whole = (below: number): number => Math.floor(random() * below);

const links: LinkState[] = [];
function connect(a: number, b: number, cost: number): void {
  if (a === b) return;
  links.push({
    link: `l${links.length}`, time: 0, a: `n${a}`, b: `n${b}`, up: true, bitsPerSecond: 10e9, latencyMs: cost * 100, lossRatio: 0,
    utilisationAhead: 0.2, costAhead: cost, utilisationBack: 0.2, costBack: cost, riskGroups: '', reason: 'topology',
  });
}

const core = Math.max(3, Math.floor(nodes / 100));
for (let v = 0; v < core; v++) {
  connect(v, (v + 1) % core, 0.02 + random() / 10);
  connect(v, whole(core), 0.02 + random() / 10);
}
const ends: number[] = Array.from({ length: core }, (_, v) => v);
for (let v = core; v < nodes; v++) {
  for (let i = 0; i < 2; i++) {
    const to = ends[whole(ends.length)];
    connect(v, to, 0.05 + random() / 2);
    ends.push(to);
  }
  ends.push(v);
}

const settings = { maxSources: Number(option.sources), maxStateMiB: 2048, ...(option.damping ? {} : { minBenefitPercent: 0, holdMs: 0, budgetMoves: 1_000_000_000 }) };
const driver = new Driver(pathRecompute, settings, 1);
const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
/** Of this process's own work, whatever else the machine does. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** Of the records; every change comes to a quiet network and is computed after `initialMs`. */
let timeMs = 0;
const SPACE_MS = 11_000;
const BACK_OFF_MS = 50;

/** Milliseconds until the records are made, until they and what is kept are handed to the log, and how many pairs moved. */
function change(states: readonly LinkState[]): { computedMs: number; computedCpuMs: number; committedMs: number; moved: number } {
  timeMs += SPACE_MS;
  const values = states.map((state) => encodeLinkState({ ...state, time: timeMs }, DRIVER_SCHEMA_ID));
  const before = driver.outputs.length;
  const began = clock();
  const beganCpu = cpu();
  for (const value of values) driver.feed(value, { timestampMs: timeMs });
  driver.silence(timeMs + BACK_OFF_MS);
  const computedMs = clock() - began;
  const computedCpuMs = cpu() - beganCpu;
  driver.commit(false);
  const committedMs = clock() - began;
  const moved = driver.outputs.length - before;
  driver.outputs.length = 0;
  return { computedMs, computedCpuMs, committedMs, moved };
}

const first = change(links);
const down = new Set<number>();
function draw(): LinkState {
  const at = down.size > 20 ? [...down][0] : whole(links.length);
  const link = links[at];
  const cost = (usual: number): number => (down.has(at) ? usual : usual * (0.5 + 1.5 * random()));
  const up = down.delete(at) || random() >= 0.2;
  if (!up) down.add(at);
  return { ...link, up, costAhead: cost(link.costAhead), costBack: cost(link.costBack) };
}
for (let i = 0; i < 50; i++) change([draw()]);
const rounds = Array.from({ length: Number(option.changes) }, () => change([draw()]));
const quantiles = (values: number[]): Record<string, number> => {
  values.sort((a, b) => a - b);
  return Object.fromEntries(([['p50', 0.5], ['p95', 0.95], ['p99', 0.99], ['max', 1]] as const).map(([name, p]) => [name, Number(values[Math.ceil(p * values.length) - 1].toFixed(3))]));
};
console.log(JSON.stringify({
  nodes, links: links.length, sources: Number(option.sources), damping: option.damping, changes: rounds.length,
  firstMs: Math.round(first.computedMs), firstPairs: first.moved,
  computedMs: quantiles(rounds.map(({ computedMs }) => computedMs)), computedCpuMs: quantiles(rounds.map(({ computedCpuMs }) => computedCpuMs)), committedMs: quantiles(rounds.map(({ committedMs }) => committedMs)), moved: quantiles(rounds.map(({ moved }) => moved)),
}));
