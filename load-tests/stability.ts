/**
 * A step of load on two equal paths, through the cost rule and the processor path-recompute, with damping and without: draws how often the
 * traffic moves and what both paths cost.
 *
 *   node -r ./bin/ts.cjs load-tests/stability.ts [FILE.svg]        default docs/paths-stability.svg
 *
 * The load follows the path in force: none, and from the first minute on 90 % of a link's capacity. Both links have 10 ms of latency and are measured
 * every second; costs are those of the rule without smoothing, the worst case. Prints one JSON line a run and fails where the damped run
 * moves more than once in a hold time, or the control does not flap.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costOf } from '../domain/paths/cost';
import { ROOT } from '../infra/root';
import { pathRecompute } from '../processors/path-recompute';
import { Driver, DRIVER_SCHEMA_ID } from '../processors/runtime/driver';
import { decodeRouteChange, encodeLinkState } from '../schemas';
import { ROUTES_CHANGES } from '../topics';

const SECONDS = 300;
const STEP_AT = 60;
const HOLD_S = 30;
const LINKS = ['upper', 'lower'];

/** One run: costs by second and link, and the seconds at which the traffic moved to which link. */
interface Run {
  readonly name: string;
  readonly costs: readonly (readonly number[])[];
  readonly moves: readonly { readonly second: number; readonly link: number }[];
}

function run(name: string, settings: object): Run {
  const driver = new Driver(pathRecompute, { sources: ['a'], holdMs: 1000 * HOLD_S, ...settings }, 1);
  const costs: number[][] = [];
  const moves: { second: number; link: number }[] = [];
  const busy = LINKS.map(() => false);
  let used = 0;
  for (let second = 0; second < SECONDS; second++) {
    const load = second < STEP_AT ? 0 : 0.9;
    costs.push(LINKS.map((link, i) => {
      const utilisation = i === used ? load : 0;
      const cost = costOf({ up: true, latencyMs: 10, utilisationRatio: utilisation, lossRatio: 0 }, busy[i]);
      busy[i] = cost.busy;
      const state = { link, time: 1000 * second, a: 'a', b: 'b', up: true, bitsPerSecond: 10e9, latencyMs: 10, lossRatio: 0, utilisationAhead: utilisation, costAhead: cost.cost, utilisationBack: 0, costBack: cost.cost, riskGroups: '', reason: 'counters' };
      driver.feed(encodeLinkState(state, DRIVER_SCHEMA_ID), { timestampMs: 1000 * second });
      return cost.cost;
    }));
    // The back-off and held pairs come due between two measurements.
    for (let ms = 50; ms < 1000; ms += 50) driver.silence(1000 * second + ms);
    driver.commit();
    for (const { topic, value } of driver.outputs.splice(0)) {
      if (topic !== ROUTES_CHANGES) continue;
      const { newPath, reason } = decodeRouteChange(value);
      used = LINKS.indexOf(newPath[0].link);
      if (reason !== 'first') moves.push({ second, link: used });
    }
  }
  return { name, costs, moves };
}

const LEFT = 60, WIDTH = 840, PANEL = 200, GAP = 70, TOP = 60;
const COLOURS = ['#1668c5', '#c2410c'];
const x = (second: number): number => LEFT + (second / SECONDS) * WIDTH;

function panel({ name, costs, moves }: Run, at: number): string[] {
  const most = 1;
  const y = (cost: number): number => at + PANEL - (Math.min(cost, most) / most) * PANEL;
  const line = (link: number): string => costs.map((both, second) => `${second === 0 ? 'M' : 'L'}${x(second).toFixed(1)} ${y(both[link]).toFixed(1)}H${x(second + 1).toFixed(1)}`).join('');
  return [
    `<text x="${LEFT}" y="${at - 12}" font-weight="bold">${name}: ${moves.length} moves</text>`,
    `<rect x="${LEFT}" y="${at}" width="${WIDTH}" height="${PANEL}" fill="none" stroke="#999"/>`,
    ...[0, 0.5, 1].map((cost) => `<text x="${LEFT - 8}" y="${y(cost) + 4}" text-anchor="end">${cost}</text>`),
    ...Array.from({ length: SECONDS / 60 + 1 }, (_, i) => `<text x="${x(60 * i)}" y="${at + PANEL + 16}" text-anchor="middle">${60 * i} s</text>`),
    `<line x1="${x(STEP_AT)}" x2="${x(STEP_AT)}" y1="${at}" y2="${at + PANEL}" stroke="#999" stroke-dasharray="4 3"/>`,
    ...LINKS.map((_, link) => `<path d="${line(link)}" fill="none" stroke="${COLOURS[link]}" stroke-width="1.2"/>`),
    ...moves.map(({ second, link }) => `<path d="M${x(second + 1).toFixed(1)} ${at + PANEL + 22}l-4 8h8z" fill="${COLOURS[link]}"/>`),
  ];
}

function svg(runs: readonly Run[]): string {
  const height = TOP + runs.length * (PANEL + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 30}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>Cost of two equal paths under a step of load, and moves between them</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${LEFT}" y="20">Cost of the <tspan fill="${COLOURS[0]}">upper</tspan> and the <tspan fill="${COLOURS[1]}">lower</tspan> path; a triangle is a move to the path of its colour. The load, from 60 s on 90 %, follows the moves.</text>`,
    ...runs.flatMap((one, i) => panel(one, TOP + i * (PANEL + GAP))),
    '</svg>',
    '',
  ].join('\n');
}

const control = run('without damping', { minBenefitPercent: 0, holdMs: 0, initialMs: 0, shortMs: 0, longMs: 0 });
const damped = run(`with damping (hold time ${HOLD_S} s, benefit 10 %, back-off)`, {});
for (const { name, moves } of [control, damped]) console.log(JSON.stringify({ run: name, moves: moves.length, seconds: moves.map(({ second }) => second).slice(0, 12) }));
const gaps = damped.moves.slice(1).map(({ second }, i) => second - damped.moves[i].second);
if (gaps.some((gap) => gap < HOLD_S)) throw new Error(`With damping the traffic moves after ${Math.min(...gaps)} s, within the hold time of ${HOLD_S} s.`);
if (control.moves.length < 3 * damped.moves.length || damped.moves.length === 0) throw new Error(`Without damping ${control.moves.length} moves, with damping ${damped.moves.length}: that is no control.`);
writeFileSync(process.argv[2] ?? join(ROOT, 'docs/paths-stability.svg'), svg([control, damped]));
