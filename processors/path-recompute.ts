/**
 * Keeps the paths between tracked devices, and from them to prefixes that devices announce, up to date with the links, and says which of them are others now.
 *
 * A change of a link does not move anything by itself: it starts the back-off (RFC 8405), and when that is over the trees
 * of shortest paths are brought up to date, and every pair whose path is no longer the shortest either moves or is
 * held where it is: for too little to gain, because it moved a moment ago, or because too many have. A path that no
 * longer works is left at once, with no hold. Time is that of the records, and of silence where none come.
 *
 * A pair that a policy applies to has one path as well, the cheapest that keeps to the policy by the policy's weights: what of it is the shortest path is not told then.
 * Where no path keeps to it, that is said, and no other path is put in its place.
 *
 * Delivery: exactly once, from links.state, policies and topology.state to routes.changes: one record for each pair that moves, by source in the order in which
 * the sources became known, and by target; then those that policies let go, then those under policies, by policy in the order of their priority.
 */
import { BackOff, BACK_OFF_CELLS } from '../domain/paths/back-off';
import { stepsOf } from '../domain/paths/cost';
import { Network } from '../domain/paths/network';
import { faultOf, PolicyRules, type LinkFacts } from '../domain/paths/policy';
import { PolicyTable } from '../domain/paths/policy-routes';
import { announcement, isAnnouncement, prefixOf } from '../domain/paths/prefixes';
import { RouteTable } from '../domain/paths/routes';
import { list, section, whole, type ValuesOf } from '../infra/config/section';
import { NetWeaverError } from '../infra/errors';
import { decodeLinkState, decodePathPolicy, type LinkState } from '../schemas';
import { LINKS_STATE, POLICIES, ROUTES_CHANGES, TOPOLOGY_STATE } from '../topics';
import { Announcements } from './paths/announcements';
import { PolicyStores } from './paths/policy-memory';
import { RouteStores } from './paths/route-memory';
import { RouteRecords } from './paths/route-records';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { Cells } from './runtime/state/cells';

/** Keys of `paths`. */
export const pathsSection = section('paths', 'Paths between devices, and when they change.', {
  sources: list({ doc: 'Names of the devices whose paths to all others are kept. Empty: the first that become known, up to maxSources.', default: [] }),
  maxSources: whole({ doc: 'Devices whose paths to all others are kept, where sources names none.', default: 100, min: 0, max: 100_000 }),
  minBenefitPercent: whole({ doc: 'A path that works is left only for one that costs so much less; unit: percent.', default: 10, min: 0, max: 100 }),
  holdMs: whole({ doc: 'A pair of devices moves at most once in so long, unless its path no longer works; unit: milliseconds.', default: 30_000, min: 0, max: 86_400_000 }),
  budgetMoves: whole({ doc: 'Moves to better paths in an interval, of all pairs together; the others wait for the next.', default: 1000, min: 0, max: 1_000_000_000 }),
  budgetMs: whole({ doc: 'That interval; unit: milliseconds.', default: 60_000, min: 1, max: 86_400_000 }),
  initialMs: whole({ doc: 'Delay of the computation after the first change in a quiet network (RFC 8405); unit: milliseconds.', default: 50, min: 0, max: 60_000 }),
  shortMs: whole({ doc: 'Delay while one event is being learnt; unit: milliseconds.', default: 200, min: 0, max: 60_000 }),
  longMs: whole({ doc: 'Delay in a network that does not come to rest; unit: milliseconds.', default: 5000, min: 0, max: 600_000 }),
  learnMs: whole({ doc: 'How long one event takes to be learnt; unit: milliseconds.', default: 500, min: 0, max: 600_000 }),
  quietMs: whole({ doc: 'Without a change for so long the network is quiet again; unit: milliseconds.', default: 10_000, min: 0, max: 3_600_000 }),
  maxLinks: whole({ doc: 'Links that are kept, those that are gone included; those beyond are counted and left out.', default: 100_000, min: 1, max: 10_000_000 }),
  maxHeldPairs: whole({ doc: 'Pairs that are held on their paths, and pairs of which it is kept when they moved; those beyond move at once.', default: 200_000, min: 0, max: 10_000_000 }),
  maxPrefixes: whole({ doc: 'Announcements of prefixes by devices to which paths are kept, those that are gone included; those beyond are counted and left out.', default: 1000, min: 0, max: 1_000_000 }),
  maxPolicies: whole({ doc: 'Policies that count, by priority; those beyond are counted and apply to nothing.', default: 100, min: 0, max: 10_000 }),
  maxPolicyPairs: whole({ doc: 'Pairs whose paths are kept by policies, in the order of the policies; those beyond are counted and have none but the shortest path.', default: 10_000, min: 0, max: 1_000_000 }),
  maxStateMiB: whole({ doc: 'Memory of what is kept over restarts; unit: MiB.', default: 256, min: 8, max: 16_384 }),
});

type Settings = ValuesOf<typeof pathsSection>;

/** Beside those of the back-off: latest time seen, offsets of the latest record of links.state and of policies. */
const NOW = BACK_OFF_CELLS, LAST = BACK_OFF_CELLS + 1, LAST_POLICY = BACK_OFF_CELLS + 2, CELLS = BACK_OFF_CELLS + 3;

class PathTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  private readonly memory: RouteStores;
  private readonly policyMemory: PolicyStores;
  private readonly policies: JoinTable;
  private readonly clock = new Cells('clock', CELLS, (cell) => (cell === 0 || cell >= NOW ? 0 : -1));
  private readonly backOff: BackOff;
  private network = new Network();
  /** By number of the link: what is known of it, null of those that stand for announcements of prefixes; offset of its latest record. */
  private facts: (LinkFacts | null)[] = [];
  private offsets: number[] = [];
  /** Links that stand for announcements of prefixes. */
  private announcements = 0;
  private table!: RouteTable;
  private policyTable!: PolicyTable;
  private records!: RouteRecords;
  private given: LinkState | null = null;
  private gone = '';
  /** Hold time, counted from the epoch, in which old moves were forgotten last. */
  private forgotIn = -1;

  constructor(private readonly settings: Settings) {
    const maxStateBytes = settings.maxStateMiB * 2 ** 20;
    this.memory = new RouteStores({ maxStateBytes });
    this.policyMemory = new PolicyStores(maxStateBytes * 0.06);
    this.policies = new JoinTable({ name: 'policies', topic: POLICIES, maxBytes: 2 ** 22, keep: checkedPolicy });
    const announced = new Announcements(Math.max(2 ** 19, maxStateBytes * 0.02), (device, prefix, isAnnounced, context) => this.announce(device, prefix, isAnnounced, context));
    this.stores = [...this.memory.stores, this.clock, this.policies.store, ...this.policyMemory.stores, announced.store];
    const steps = announced.steps;
    this.tables = [
      this.policies.steps(() => this.recall(), (key, context) => this.takePolicy(key, context)),
      { ...steps, step: (context) => (this.recall(), steps.step(context)) },
    ];
    this.backOff = new BackOff(settings, this.clock.values, (cell, value) => this.clock.set(cell, value));
    this.begin();
  }

  decode(value: Buffer): void {
    this.given = decodeLinkState(value);
  }

  decodeTombstone(key: Buffer): void {
    this.given = null;
    this.gone = key.toString();
  }

  step(context: Context): void {
    this.recall();
    context.received(1);
    const nowMs = this.pass(context.timestampMs);
    // What was waiting for this time comes first.
    if (this.dueAt <= nowMs) this.compute(nowMs, context);
    this.clock.set(LAST, context.offset);
    if (!this.take(context)) return;
    this.backOff.changed(nowMs);
    if (this.backOff.computesAt <= nowMs) this.compute(nowMs, context);
  }

  due(): number {
    this.recall();
    return this.dueAt;
  }

  silence(timeMs: number, context: Context): void {
    this.recall();
    this.compute(this.pass(timeMs), context);
  }

  /** When to compute: the back-off is over, or pairs that are held are to be looked at again. */
  private get dueAt(): number {
    return Math.min(this.backOff.computesAt < 0 ? Infinity : this.backOff.computesAt, this.table.retryMs, this.policyTable.retryMs);
  }

  /** Puts the record into the network; false where that changes nothing. */
  private take(context: Context): boolean {
    const { network, given } = this;
    if (given === null) {
      if (isAnnouncement(this.gone)) return false;
      const changes = network.remove(this.gone);
      const number = network.link(this.gone);
      if (number >= 0) this.keep(number, this.facts[number], context.offset, context);
      if (changes.length > 0) this.policyTable.changed(number);
      return changes.length > 0;
    }
    const { link, a, b, bitsPerSecond, latencyMs, lossRatio, utilisationAhead, utilisationBack, riskGroups } = given;
    const before = network.link(link);
    if (isAnnouncement(link) || prefixOf(a) !== null || prefixOf(b) !== null || (before < 0 && network.links.length - this.announcements >= this.settings.maxLinks)) {
      context.discarded('link-not-kept', 1);
      return false;
    }
    const costs = { costAhead: given.up ? costIn(given.costAhead) : Infinity, costBack: given.up ? costIn(given.costBack) : Infinity };
    if (Number.isNaN(costs.costAhead + costs.costBack)) {
      context.deadLetter('NW_SCHEMA_MALFORMED', `Link ${link} costs ${given.costAhead} and ${given.costBack}: costs are at least 0.`);
      return false;
    }
    const devices = network.devices.length;
    const changes = network.put({ link, a, b, ...costs });
    const number = network.link(link);
    if (before >= 0 && number !== before) {
      this.keep(before, this.facts[before], this.offsets[before], context);
      this.policyTable.changed(before);
    }
    const facts = { bitsPerSecond, latencyMs, lossRatio, utilisationAhead, utilisationBack, riskGroups };
    const isOther = this.policyTable.size > 0 && (changes.length > 0 || !isSame(this.facts[number], facts));
    if (isOther) this.policyTable.changed(number);
    this.keep(number, facts, context.offset, context);
    for (let device = devices; device < network.devices.length; device++) this.track(device);
    return changes.length > 0 || network.grown || isOther;
  }

  /** Keeps a link as the network has it. */
  private keep(number: number, facts: LinkFacts | null, offset: number, context: Context): void {
    const { links, devices, cost } = this.network;
    const { link, a, b } = links[number];
    this.facts[number] = facts;
    this.offsets[number] = offset;
    if (!this.memory.keep(number, { link, a: devices[a], b: devices[b], costAhead: cost[2 * number], costBack: cost[2 * number + 1], offset, facts })) context.discarded('state-full', 1);
  }

  /** A device announces a prefix, or does not any more. */
  private announce(device: string, prefix: string, isAnnounced: boolean, context: Context): boolean {
    const { network } = this;
    const link = announcement(device, prefix, isAnnounced);
    const isNew = network.link(link.link) < 0;
    if (isNew && this.announcements >= this.settings.maxPrefixes) {
      context.discarded('prefix-not-kept', 1);
      return false;
    }
    if (isNew) this.announcements++;
    const devices = network.devices.length;
    network.put(link);
    const number = network.link(link.link);
    this.policyTable.changed(number);
    this.keep(number, null, context.offset, context);
    for (let node = devices; node < network.devices.length; node++) this.track(node);
    this.backOff.changed(this.pass(context.timestampMs));
    return true;
  }

  private takePolicy(key: Buffer, context: Context): void {
    this.clock.set(LAST_POLICY, context.offset);
    if (!this.putPolicy(key)) this.policyTable.remove(key.toString());
    this.backOff.changed(this.pass(context.timestampMs));
  }

  private putPolicy(key: Buffer): boolean {
    const value = this.policies.get(key);
    if (value !== null) this.policyTable.put({ rules: new PolicyRules({ ...decodePathPolicy(Buffer.from(value)), name: key.toString() }), version: this.policies.offset });
    return value !== null;
  }

  private track(node: number): void {
    const { sources, maxSources } = this.settings;
    const name = this.network.devices[node];
    if (prefixOf(name) !== null || (sources.length > 0 ? !sources.includes(name) : this.table.sources.length >= maxSources)) return;
    this.table.track(node);
    this.memory.track(node);
  }

  private compute(nowMs: number, context: Context): void {
    const { table, policyTable, records, clock } = this;
    const { computesAt } = this.backOff;
    const over = computesAt >= 0 && computesAt <= nowMs;
    const withPolicies = over || policyTable.retryMs <= nowMs;
    const last = clock.values[LAST];
    if (withPolicies) policyTable.claim((source, target) => table.path(source, target));
    table.compute(nowMs, (moved) => void (policyTable.has(moved.source, moved.target) || records.moved(moved, nowMs, last, context)), over);
    if (withPolicies) {
      policyTable.compute(
        nowMs,
        (moved) => records.underPolicy(moved, nowMs, last, context),
        (pair) => records.released(pair, table.tracks(pair.source) ? (table.path(pair.source, pair.target) ?? []) : null, clock.values[LAST_POLICY], nowMs, last, context),
      );
    }
    if (over) this.backOff.computed();
    this.memory.flush();
    this.forgetMoves(nowMs);
    this.tally(context);
  }

  /** Counts what had no room, and what was not found for certain. */
  private tally(context: Context): void {
    const { table, policyTable } = this;
    const { counts } = policyTable;
    const reasons = { 'state-full': this.memory.takeRefused() + this.policyMemory.takeRefused(), 'move-not-kept': table.movesLeft, 'policy-not-kept': counts.policiesLeft, 'policy-pair-not-kept': counts.pairsLeft, 'policy-search-ended': counts.unproven };
    for (const [reason, count] of Object.entries(reasons)) if (count > 0) context.discarded(reason, count);
    table.movesLeft = counts.policiesLeft = counts.pairsLeft = counts.unproven = 0;
  }

  /** Moves that hold nothing back any more, once in a hold time: all are looked at. */
  private forgetMoves(nowMs: number): void {
    const { holdMs } = this.settings;
    const period = Math.floor(nowMs / Math.max(1, holdMs));
    if (period === this.forgotIn) return;
    this.forgotIn = period;
    this.memory.forgetMoves(nowMs - holdMs);
  }

  /** Time never goes back. */
  private pass(timeMs: number): number {
    if (timeMs > this.clock.values[NOW]) this.clock.set(NOW, timeMs);
    const nowMs = this.clock.values[NOW];
    this.backOff.pass(nowMs);
    return nowMs;
  }

  /** After a restart the network, its trees and the pairs under policies are those of the stores. */
  private recall(): void {
    if (!this.memory.takeRestored()) return;
    this.network = new Network();
    this.facts = [];
    this.offsets = [];
    const memory = this.memory.recall(this.network, this.facts, this.offsets);
    this.begin();
    this.announcements = this.network.links.filter(({ link }) => isAnnouncement(link)).length;
    this.table.restore(memory);
    const names: Buffer[] = [];
    this.policies.store.forEach((key) => void names.push(Buffer.from(key)));
    for (const name of names) this.putPolicy(name);
    this.policyTable.restore(this.policyMemory.recall());
  }

  /** Tables of the network as it is, without paths. */
  private begin(): void {
    const { minBenefitPercent, holdMs, budgetMoves, budgetMs, maxHeldPairs, maxPolicyPairs, maxPolicies } = this.settings;
    const damping = { minBenefit: minBenefitPercent / 100, holdMs, budgetMoves, budgetMs };
    this.table = new RouteTable(this.network, damping, this.memory, maxHeldPairs);
    this.policyTable = new PolicyTable(this.network, (link) => this.facts[link], damping, this.policyMemory, maxPolicyPairs, maxPolicies);
    this.records = new RouteRecords(this.network, { offsets: this.offsets, isAnnouncement: (link) => this.facts[link] === null });
  }
}

/** A cost in steps; not a number where it is none. */
const costIn = (cost: number): number => (cost >= 0 ? stepsOf(cost) : NaN);

const isSame = (one: LinkFacts | null | undefined, other: LinkFacts): boolean => one !== null && one !== undefined && (Object.keys(other) as (keyof LinkFacts)[]).every((name) => one[name] === other[name]);

/** @throws NW_POLICY_INVALID */
function checkedPolicy(value: Buffer): Buffer {
  const fault = faultOf(decodePathPolicy(value));
  if (fault !== null) throw new NetWeaverError('NW_POLICY_INVALID', `${fault.field} ${fault.what}.`);
  return value;
}

/** The processor. */
export const pathRecompute: Processor<typeof pathsSection> = {
  name: 'path-recompute',
  doc: 'Keeps the paths between devices, and to prefixes, up to date with the links and within policies, without flapping, and says which changed, and why.',
  delivery: 'exactly once, from links.state, policies and topology.state to routes.changes',
  input: LINKS_STATE,
  tables: [POLICIES, TOPOLOGY_STATE],
  outputs: [ROUTES_CHANGES],
  section: pathsSection,
  // The back-off counts in tens of milliseconds.
  idleMs: 20,
  windows: () => [],
  create: (settings) => new PathTask(settings),
};
