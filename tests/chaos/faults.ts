import { setTimeout as sleep } from 'node:timers/promises';
import { SESSION_MS, type World } from './world';

/** Something that goes wrong. Resolves when it is over; what it broke may still be mending itself. */
export interface Fault {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  happen(world: World, random: () => number): Promise<void>;
}

const one = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)];
/** Past the session timeout: the group has given its work to others. */
const ZOMBIE_MS = SESSION_MS + 4000;

/** Every kind of fault. */
export const FAULTS: readonly Fault[] = [
  { name: 'collector killed', weight: 4, happen: (world) => world.collector.kill() },
  { name: 'processor killed', weight: 6, happen: (world, random) => one(world.processors.filter(({ running }) => running), random)?.kill() },
  { name: 'sink killed', weight: 4, happen: (world) => world.sink.kill() },
  {
    name: 'everything killed',
    weight: 1,
    happen: async (world) => void (await Promise.all(world.members.map((member) => member.kill()))),
  },
  { name: 'processor frozen past its session', weight: 3, happen: (world, random) => world.processors[Math.floor(random() * 2)].freeze(ZOMBIE_MS) },
  { name: 'sink frozen past its session', weight: 2, happen: (world) => world.sink.freeze(ZOMBIE_MS) },
  { name: 'processor frozen for a moment', weight: 2, happen: (world, random) => one(world.processors, random).freeze(1500) },
  { name: 'broker stopped and started', weight: 2, happen: (world, random) => world.brokerAway(random() * 4000) },
  { name: 'database stopped and started', weight: 2, happen: (world, random) => world.database.away(random() * 4000) },
  { name: 'database connections cut', weight: 2, happen: async (world) => world.database.cut() },
  {
    name: 'a processor more, or one less',
    weight: 4,
    happen: async (world) => {
      const extra = world.processors[2];
      if (extra.running) await extra.stop();
      else extra.start();
      await sleep(500);
    },
  },
];

/** The faults of a run, by seed; of one kind where its name is given. @throws Error there is no such kind */
export function chosenFaults(count: number, random: () => number, only?: string): Fault[] {
  const kinds = FAULTS.filter(({ name }) => only === undefined || name === only);
  if (kinds.length === 0) throw new Error(`no fault is named '${only}'; there are: ${FAULTS.map(({ name }) => name).join(', ')}`);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let left = random() * total;
    return kinds.find(({ weight }) => (left -= weight) < 0) ?? kinds[0];
  });
}
