import { setTimeout as sleep } from 'node:timers/promises';
import { chosenFaults } from './faults';
import { verify, type Finding } from './verify';
import { World } from './world';

/** A run. */
export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Name of the only kind of fault. */
  readonly only?: string;
  /** See {@link World}. */
  readonly preload?: string;
  readonly say: (line: string) => void;
}

/** What it found. */
export interface ChaosOutcome {
  readonly faults: Readonly<Record<string, number>>;
  readonly flows: number;
  readonly rounds: number;
  readonly resent: number;
  readonly seconds: number;
  /** How members ended when nobody had asked them to, by member: fenced ones, those that could not reach the broker. */
  readonly ends: Readonly<Record<string, readonly string[]>>;
  readonly findings: readonly Finding[];
}

/** Runs NetWeaver under load while things go wrong, lets it come to rest, and compares everything with a calm run. */
export async function chaos({ faults, seed, only, preload, say }: ChaosOptions): Promise<ChaosOutcome> {
  const began = performance.now();
  const random = seededRandom(seed);
  const chosen = chosenFaults(faults, random, only);
  say('Starting a broker, a registry, a database and NetWeaver …');
  const world = await World.start({ preload });
  try {
    const counts: Record<string, number> = {};
    let over = false;
    let problem: Error | null = null;
    const sending = world.send(() => over).catch((error: Error) => void (problem = error));
    await sleep(3000);
    for (const [i, fault] of chosen.entries()) {
      if (problem !== null) break;
      say(`${i + 1}/${faults} ${fault.name} (${world.flows.length} flows acknowledged)`);
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      await fault.happen(world, random);
      await sleep(500 + random() * 4000);
    }
    over = true;
    say('No more faults; the sender finishes its round …');
    for (const member of [world.collector, ...world.processors.slice(0, 2), world.sink]) member.start();
    await sending;
    say(`${world.flows.length} flows acknowledged. Comparing …`);
    const findings = await verify(world);
    if (problem !== null) findings.unshift({ what: 'the sender', wanted: 1, found: 0, wrong: (problem as Error).message });
    const ends = Object.fromEntries([world.collector, ...world.processors, world.sink].map(({ name, ends: how }) => [name, how]));
    if (findings.some(({ wrong }) => wrong !== '')) for (const member of [world.collector, ...world.processors, world.sink]) say(`--- ${member.name}\n${member.output()}`);
    return { faults: counts, flows: world.flows.length, rounds: world.rounds, resent: world.resent, seconds: Math.round((performance.now() - began) / 1000), ends, findings };
  } finally {
    await world.stop();
  }
}

/** mulberry32. */
function seededRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
