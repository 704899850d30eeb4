/**
 * What models cost: `node -r ./bin/ts.cjs load-tests/bench/inference.ts [--rounds 9]`. Each shipped model on the inference thread, as processors call it: forecast models on 32 rows at a time,
 * the autoencoder on 65,536. Rounds of all models take turns; the median and the best of them are told, of the time that passed and of the CPU time of the whole process (one thread computes, the other waits).
 */
import { parseArgs } from 'node:util';
import { InferenceHost } from '../../infra/inference/host';
import { findModels, SHIPPED } from '../../infra/inference/registry';
import type { Model } from '../../infra/inference/model';

/** Rows at once, and calls a round. */
const LOADS = { forecast: { rows: 32, calls: 10 }, reconstruction: { rows: 65_536, calls: 1 } } as const;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const host = new InferenceHost({ folders: [SHIPPED], waitMs: 120_000 });
const benches = findModels([SHIPPED]).flatMap(({ card }) => (card === null ? [] : [bench(host.open(card.name, card.sha256))]));

/** A model with its input: the probe over and over, each row a little other. */
function bench(model: Model): { model: Model; rows: number; calls: number; input: Float32Array; wall: number[]; cpu: number[] } {
  const { rows, calls } = LOADS[model.card.task];
  const { input: probe } = model.card.probe;
  const input = new Float32Array(rows * probe.length);
  for (let row = 0; row < rows; row++) for (let i = 0; i < probe.length; i++) input[row * probe.length + i] = probe[i] * (1 + (row % 97) / 1000);
  return { model, rows, calls, input, wall: [], cpu: [] };
}

for (let round = -1; round < Number(values.rounds); round++) {
  for (const { model, rows, calls, input, wall, cpu } of benches) {
    const cpuBefore = process.cpuUsage();
    const began = performance.now();
    for (let call = 0; call < calls; call++) model.run(rows, input);
    const took = (performance.now() - began) / calls;
    const { user, system } = process.cpuUsage(cpuBefore);
    // The first round warms up.
    if (round >= 0) {
      wall.push(took);
      cpu.push((user + system) / 1000 / calls);
    }
  }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((one, other) => one - other)[numbers.length >> 1];
const rows = benches.map(({ model, rows: batch, wall, cpu }) => ({
  model: `${model.name}@${model.hash.slice(0, 8)}`, batch, medianMs: median(wall), bestMs: Math.min(...wall), cpuMs: median(cpu), bestCpuMs: Math.min(...cpu), millionRowsPerSecond: batch / median(wall) / 1000, millionRowsPerCpuSecond: batch / Math.min(...cpu) / 1000,
}));
const shown = (value: number): string => value.toPrecision(3);
for (const row of rows) {
  process.stdout.write(`${row.model.padEnd(28)} batch ${String(row.batch).padStart(6)}: ${shown(row.medianMs)} ms (best ${shown(row.bestMs)}), CPU ${shown(row.cpuMs)} ms (best ${shown(row.bestCpuMs)}); ${shown(row.millionRowsPerSecond)} M rows/s, ${shown(row.millionRowsPerCpuSecond)} M a CPU-second\n`);
}
process.stdout.write(`${JSON.stringify({ bench: 'inference', node: process.version, rows })}\n`);
void host.close();
