import { InvalidArgumentError, type Command } from 'commander';
import { whatIf, type Outcome, type Scenario, type Step } from '../../domain/paths/what-if';
import { whatIfPolicy, type PolicyOutcome } from '../../domain/paths/what-if-policy';
import { NetWeaverError } from '../../infra/errors';
import { linksSection } from '../../processors/link-state';
import { pathsSection } from '../../processors/path-recompute';
import type { LinkState } from '../../schemas';
import { withContext } from '../context';
import { jsonLine } from '../output';
import { linksAt, parseTime, warnOfLater } from './links-at';
import { announcements } from './paths';
import { named, policiesNow } from './policies';

interface WhatIfOptions {
  readonly down: readonly string[];
  readonly downDevice: readonly string[];
  readonly load: number;
  readonly limit: number;
  readonly rows: number;
  readonly tracked?: boolean;
  readonly policy?: string;
  readonly at?: number;
  readonly json?: boolean;
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value];

/** `+30%` → 1.3, `-20%` → 0.8. */
export function parseLoad(text: string): number {
  const match = /^([+-])(\d+(?:\.\d+)?)%$/.exec(text);
  const factor = match === null ? NaN : 1 + (Number(match[2]) / 100) * (match[1] === '+' ? 1 : -1);
  if (!(factor >= 0)) throw new InvalidArgumentError('It must be a change in per cent, e.g. +30% or -20%.');
  return factor;
}

const number = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

/** `netweaver whatif`: what would change if links failed or loads were others. Writes nothing. */
export function register(program: Command): void {
  program
    .command('whatif')
    .description('What would be if links or devices failed and loads were others: paths that change, pairs cut off, links over their limit. Nothing is written.')
    .option('--down <link or A-B>', 'a link fails, or all links between two devices; may be given again', collect, [])
    .option('--down-device <device>', 'a device fails; may be given again', collect, [])
    .option('--load <change>', 'every load is so much more or less, e.g. +30%', parseLoad, 1)
    .option('--limit <percent>', 'utilisation above which a link is over its limit', number, 100)
    .option('--rows <n>', 'how many of each are printed', number, 20)
    .option('--tracked', 'tell the paths of paths.sources alone')
    .option('--policy <name>', 'tell also what becomes of the paths within a policy')
    .option('--at <time>', 'against the links as they were at a time, or so long ago, e.g. 10m', parseTime)
    .option('--json', 'one JSON object, with up to 100000 of each')
    .action((options: WhatIfOptions, command: Command) =>
      withContext(command, async (context) => {
        const read = await linksAt(context, options.at);
        warnOfLater(read);
        const { latencyWeightPercent, utilisationWeightPercent, lossWeightPercent, busyFromPercent, busyUntilPercent, assumedLatencyMs } = context.config.get(linksSection);
        const { minBenefitPercent, sources, maxPolicyPairs } = context.config.get(pathsSection);
        if (options.tracked === true && sources.length === 0) throw new NetWeaverError('NW_USAGE', '--tracked needs paths.sources.');
        const policy = {
          latencyWeight: latencyWeightPercent / 100, utilisationWeight: utilisationWeightPercent / 100, lossWeight: lossWeightPercent / 100,
          busyFrom: busyFromPercent / 100, busyUntil: Math.min(busyUntilPercent, busyFromPercent) / 100, assumedLatencyMs,
        };
        const scenario: Scenario = {
          downLinks: options.down.flatMap((text) => linksNamed(read.links, text)), downDevices: devicesNamed(read.links, options.downDevice), load: options.load,
          limit: options.limit / 100, most: options.json === true ? 100_000 : options.rows, policy, minBenefit: minBenefitPercent / 100, ...(options.tracked === true ? { sources } : {}),
        };
        const outcome = whatIf(read.links, scenario);
        const within = options.policy === undefined ? null : whatIfPolicy(read.links, await announcements(context), named(await policiesNow(context), [options.policy])[0], scenario, maxPolicyPairs);
        const lines = [...linesOf(outcome, options), ...(within === null ? [] : policyLines(within, options))];
        process.stdout.write((options.json === true ? jsonLine(within === null ? outcome : { ...outcome, withinPolicy: { policy: options.policy, ...within } }) : lines.join('\n')) + '\n');
      }),
    );
}

/** Links that a text names: one by its name, or all between two devices as `A-B`, whose names may have hyphens too. @throws NW_USAGE none */
export function linksNamed(links: readonly LinkState[], text: string): string[] {
  if (links.some(({ link }) => link === text)) return [text];
  const between = links.filter(({ a, b }) => [`${a}-${b}`, `${b}-${a}`, `${a}--${b}`, `${b}--${a}`].includes(text)).map(({ link }) => link);
  if (between.length === 0) throw new NetWeaverError('NW_USAGE', `--down ${text}: no link of that name, and none between two devices of those names; there are ${links.length} links.`);
  return between;
}

function devicesNamed(links: readonly LinkState[], names: readonly string[]): readonly string[] {
  for (const name of names) if (!links.some(({ a, b }) => a === name || b === name)) throw new NetWeaverError('NW_USAGE', `--down-device ${name}: no link leads to it.`);
  return names;
}

const pathText = (source: string, steps: readonly Step[]): string => [source, ...steps.map(({ node }) => node)].join(' > ');
const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
const cost = (value: number): string => (value === Infinity ? 'cannot be used' : `costs ${Number(value.toPrecision(6))}`);

const sectionOf = (rows: number) => <T>(title: string, count: number, all: readonly T[], line: (one: T) => string): string[] => [
  `${title}: ${count}`,
  ...all.slice(0, rows).map((one) => `  ${line(one)}`),
  ...(count > rows ? [`  and ${count - rows} more (--rows)`] : []),
];

function policyLines({ pairs, pairsLeft, changed, changedCount, without, withoutCount }: PolicyOutcome, { rows, policy }: WhatIfOptions): string[] {
  const section = sectionOf(rows);
  const both = (source: string, path: readonly Step[], backup: readonly Step[]): string => pathText(source, path) + (backup.length === 0 ? '' : ` and ${pathText(source, backup)}`);
  return [
    `Policy ${policy}: ${pairs} pairs${pairsLeft > 0 ? `, ${pairsLeft} more not looked at (paths.maxPolicyPairs)` : ''}`,
    ...section('Pairs left without a path within it', withoutCount, without, ({ source, target }) => `${source} > ${target}`),
    ...section('Paths within it that change', changedCount, changed, ({ source, target, oldPath, oldBackup, newPath, newBackup, oldCost, newCost }) => `${source} > ${target}: ${both(source, oldPath, oldBackup)} (${cost(oldCost)})  ->  ${both(source, newPath, newBackup)} (${cost(newCost)})`),
  ];
}

function linesOf({ changed, changedCount, cutOff, cutOffCount, overLimit, unknownLoads }: Outcome, { rows, limit }: WhatIfOptions): string[] {
  const section = sectionOf(rows);
  return [
    ...section('Pairs cut off', cutOffCount, cutOff, ({ source, target }) => `${source} > ${target}`),
    ...section('Paths that change', changedCount, changed, ({ source, oldPath, newPath, oldCost, newCost }) => `${pathText(source, oldPath)} (${cost(oldCost)})  ->  ${pathText(source, newPath)} (${cost(newCost)})`),
    ...section(`Links over ${limit} %`, overLimit.length, overLimit, ({ link, from, to, before, scaled, after }) => `${link} from ${from} to ${to}: ${percent(before)} now, ${percent(scaled)} with the load, ${percent(after)} with what moves`),
    ...(unknownLoads > 0 ? [`Of ${unknownLoads} directions load or capacity are not known: what moves from or to them is not counted.`] : []),
    'Loads of pairs are not known: what a failed link carried is divided evenly over the pairs that used it and moved to their new paths, one step, without costs that follow.',
  ];
}
