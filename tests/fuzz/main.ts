/**
 * `npm run fuzz -- [--datagrams 1000000] [--seed 1] [--slice 1/1]`: mutated datagrams of every protocol. A slice is a share of the datagrams with
 * a seed of its own, for several processes or runs. Exit code 1 where the decoder throws or memory has grown.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz';
import { allSeeds } from './seeds';

const MIB = 2 ** 20;
/** Growth of the resident set from the second tenth to the last that is no leak, bytes: caches that fill up. */
const GROWTH = 96 * MIB;

const { values } = parseArgs({ options: { datagrams: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' }, slice: { type: 'string', default: '1/1' } } });
const [slice, of] = values.slice.split('/').map(Number);
const datagrams = Math.floor(Number(values.datagrams) / of);
const seeds = allSeeds();
console.error(`${datagrams} mutations of ${seeds.length} datagrams, slice ${slice} of ${of}`);
const memory: { tenth: number; rssMiB: number; heapMiB: number; flows: number }[] = [];
const began = process.cpuUsage();
const outcome = fuzz({
  datagrams,
  seed: Number(values.seed) * 1000 + slice,
  seeds,
  onTenth: (tenth, { flows }) => {
    (globalThis as { gc?: () => void }).gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    memory.push({ tenth, rssMiB: Math.round(rss / MIB), heapMiB: Math.round(heapUsed / MIB), flows });
  },
});
const { user, system } = process.cpuUsage(began);
console.table(memory);
console.table(Object.entries(outcome.faults).sort((a, b) => b[1] - a[1]).map(([reason, count]) => ({ reason, count })));
const { faults, operations, ...rest } = outcome;
const grown = memory.length > 2 ? (memory.at(-1)!.rssMiB - memory[1].rssMiB) * MIB : 0;
console.log(JSON.stringify({ fuzz: values.slice, seed: Number(values.seed), seeds: seeds.length, ...rest, cpuSeconds: Math.round((user + system) / 1e6), cpuMicrosecondsPerDatagram: Number(((user + system) / datagrams).toFixed(2)), rssGrowthMiB: Math.round(grown / MIB), faults, operations }));
const uncounted = outcome.datagrams - outcome.clean - outcome.faulty - outcome.thinnedOut;
process.exit(grown > GROWTH || uncounted !== 0 ? 1 : 0);
