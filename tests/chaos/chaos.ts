import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../domain/simulate/random';
import { chosenFaults } from './faults';
import { verify, type Finding } from './verify';
import { World } from './world';

/** A fault does not wait longer for processors to be at work. */
const AT_WORK_MS = 30_000;

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

/** Members ended when nobody had asked them to, so often and after that fault. */
export interface UnaskedEnd {
  readonly member: string;
  /** Exit code or signal, and the code of the error. */
  readonly how: string;
  readonly after: string;
  readonly times: number;
  /** What one of them printed. */
  readonly why: string;
}

/** What it found. */
export interface ChaosOutcome {
  readonly faults: Readonly<Record<string, number>>;
  readonly flows: number;
  readonly rounds: number;
  readonly resent: number;
  readonly seconds: number;
  /** How members ended when nobody had asked them to. */
  readonly ends: readonly UnaskedEnd[];
  readonly findings: readonly Finding[];
}

/** Runs NetWeaver under load while things go wrong, lets it come to rest, and compares everything with a calm run. */
export async function chaos({ faults, seed, only, preload, say }: ChaosOptions): Promise<ChaosOutcome> {
  const began = performance.now();
  const random = seeded(seed);
  const chosen = chosenFaults(faults, random, only);
  say('Starting a broker, a registry, a database and NetWeaver …');
  const world = await World.start({ preload });
  // Servers are processes of their own and would stay.
  const interrupted = (): void => void world.stop().finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    const counts: Record<string, number> = {};
    const timeline: { readonly atMs: number; readonly name: string }[] = [];
    let over = false;
    let problem: Error | null = null;
    const sending = world.send(() => over).catch((error: Error) => void (problem = error));
    for (const [i, fault] of chosen.entries()) {
      // By turns: to parts that are at work, and to parts that may still be mending themselves.
      if (i % 2 === 0) await world.atWork(AT_WORK_MS);
      if (problem !== null) break;
      say(`${i + 1}/${faults} ${fault.name} (${world.flows.length} flows acknowledged)`);
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      timeline.push({ atMs: Date.now(), name: fault.name });
      await fault.happen(world, random);
      await sleep(500 + random() * 4000);
    }
    over = true;
    say('No more faults; the sender finishes its round …');
    world.wake();
    await sending;
    say(`${world.flows.length} flows acknowledged. Comparing …`);
    const findings = await verify(world).catch((error: Error): Finding[] => [{ what: 'a comparison', wanted: 1, found: 0, tooMany: 0, wrong: error.stack ?? error.message }]);
    if (problem !== null) findings.unshift({ what: 'the sender', wanted: 1, found: 0, tooMany: 0, wrong: (problem as Error).message });
    if (findings.some(({ wrong }) => wrong !== '')) for (const member of world.members) say(`--- ${member.name}\n${member.output()}`);
    return { faults: counts, flows: world.flows.length, rounds: world.rounds, resent: world.resent, seconds: Math.round((performance.now() - began) / 1000), ends: unaskedEnds(world, timeline), findings };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    await world.stop();
  }
}

function unaskedEnds({ members }: World, timeline: readonly { readonly atMs: number; readonly name: string }[]): UnaskedEnd[] {
  const ends = new Map<string, UnaskedEnd>();
  for (const { name: member, ends: all } of members) {
    for (const { atMs, how: exit, code, why } of all) {
      const how = `${exit} ${code}`.trim();
      const after = timeline.findLast((fault) => fault.atMs <= atMs)?.name ?? 'none';
      const key = `${member} ${how} ${after}`;
      ends.set(key, { member, how, after, times: (ends.get(key)?.times ?? 0) + 1, why });
    }
  }
  return [...ends.values()];
}

