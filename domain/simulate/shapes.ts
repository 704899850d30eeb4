import { device, link, linkName, networkInterface, type Element } from '../topology/elements';
import { Random } from './random';

/** Shapes of networks that can be made; a file of a topology is the other way to one. */
export const SHAPES = ['ring', 'tree', 'mesh', 'random', 'clos'] as const;
/** One of {@link SHAPES}. */
export type Shape = (typeof SHAPES)[number];

/** Fewest and most devices of a network. */
export const LEAST_NODES = 10;
export const MOST_NODES = 10_000;
/** Children of a device of a tree. */
const TREE_WIDTH = 4;
/** Links of a device of a mesh (both ways on a torus) and of a random network, on the average. */
const MEAN_DEGREE = 4;

/** Pairs of devices, by number, that a link joins. Every shape is connected. */
export function wires(shape: Shape, nodes: number, random: Random): [number, number][] {
  switch (shape) {
    case 'ring':
      return Array.from({ length: nodes }, (_, i) => [i, (i + 1) % nodes]);
    case 'tree':
      return Array.from({ length: nodes - 1 }, (_, i) => [Math.floor(i / TREE_WIDTH), i + 1]);
    case 'mesh':
      return torus(nodes);
    case 'random':
      return connectedAtRandom(nodes, random);
    case 'clos':
      return leavesAndSpines(nodes);
  }
}

/** A torus of near-square sides with the last row cut short: each device to the one right of it and the one below. */
function torus(nodes: number): [number, number][] {
  const side = Math.ceil(Math.sqrt(nodes));
  const pairs = new Map<string, [number, number]>();
  const add = (one: number, other: number): void => {
    if (one !== other) pairs.set(`${Math.min(one, other)}-${Math.max(one, other)}`, [one, other]);
  };
  for (let i = 0; i < nodes; i++) {
    const row = i - (i % side);
    add(i, i + 1 < Math.min(nodes, row + side) ? i + 1 : row);
    add(i, i + side < nodes ? i + side : i % side);
  }
  return [...pairs.values()];
}

/** A random tree, each device to an earlier one, then pairs drawn until the mean degree is met. */
function connectedAtRandom(nodes: number, random: Random): [number, number][] {
  const pairs: [number, number][] = Array.from({ length: nodes - 1 }, (_, i) => [random.below(i + 1), i + 1]);
  const known = new Set(pairs.map(([one, other]) => one * nodes + other));
  while (pairs.length < (nodes * MEAN_DEGREE) / 2) {
    const [one, other] = [random.below(nodes), random.below(nodes)].sort((a, b) => a - b);
    if (one === other || known.has(one * nodes + other)) continue;
    known.add(one * nodes + other);
    pairs.push([one, other]);
  }
  return pairs;
}

/** A folded Clos network of two stages (Clos, 1953): every leaf to every spine, at most 16 spines. Spines come first. */
function leavesAndSpines(nodes: number): [number, number][] {
  const spines = Math.min(16, Math.max(2, Math.round(Math.sqrt(nodes) / 2)));
  return Array.from({ length: (nodes - spines) * spines }, (_, i) => [i % spines, spines + Math.floor(i / spines)]);
}

/** Devices, interfaces and links of a made network. Latencies are 1 to 10 ms by seed; capacities are left to who knows the load. */
export function shapedNetwork(shape: Shape, nodes: number, seed: number): Element[] {
  const random = new Random(seed);
  const names = Array.from({ length: nodes }, (_, i) => `r${String(i + 1).padStart(String(nodes).length, '0')}`);
  const used = new Array<number>(nodes).fill(0);
  const elements: Element[] = names.map((name) => device(name));
  for (const [one, other] of wires(shape, nodes, random)) {
    const [a, b] = [one, other].map((at) => ({ device: names[at], interface: `if${++used[at]}` }));
    elements.push(networkInterface(a.device, a.interface), networkInterface(b.device, b.interface));
    elements.push(link(linkName(a, b), a, b, { latencyMs: 1 + random.below(91) / 10 }));
  }
  return elements;
}
