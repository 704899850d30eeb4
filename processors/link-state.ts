/**
 * Links as the computation of paths sees them: what the topology says of a link and of its ends, joined with the latest
 * measurement of it and with the load of its interfaces.
 *
 * A link works unless it, one of its devices or one of its interfaces is said to be down. Latency: half of the measured round trip, else
 * what the topology says. Utilisation: what the interface in front sends, else what the one behind receives, else what was
 * measured of the link. Measurements older than `staleMs` count as none. The cost is the rule of `domain/paths/cost.ts`; a link is put out when
 * it begins or ceases to work, when the topology of it changes, or when its cost or what the cost is made of has changed by `stepPercent` since it was put out: not for every ripple
 * of load. What the cost is made of counts by itself, because a policy of paths may weigh it otherwise.
 *
 * Delivery: exactly once, from links.metrics, topology.state and interfaces.rates to links.state. State: the elements of the topology, and some 200 bytes a link and interface.
 */
import { COST_STEP, costOf, type CostPolicy } from '../domain/paths/cost';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { decodeInterfaceRates, decodeLinkMetrics, decodeTopologyState, encodeLinkState, type LinkMetrics, type LinkState, type TopologyState } from '../schemas';
import { INTERFACES_RATES, LINKS_METRICS, LINKS_STATE, TOPOLOGY_STATE } from '../topics';
import { Elements } from './paths/elements';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, JoinedCauses, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { KeyValue } from './runtime/state/key-value';

/** Keys of `links`. */
export const linksSection = section('links', 'State and cost of links.', {
  latencyWeightPercent: whole({ doc: 'Weight of latency in the cost: that of 100 ms; unit: percent.', default: 40, min: 0, max: 10_000 }),
  utilisationWeightPercent: whole({ doc: 'Weight of utilisation in the cost: that of full load; unit: percent.', default: 40, min: 0, max: 10_000 }),
  lossWeightPercent: whole({ doc: 'Weight of loss in the cost: that of one per cent of packets; unit: percent.', default: 20, min: 0, max: 10_000 }),
  busyFromPercent: whole({ doc: 'Utilisation from which the cost is doubled; unit: percent.', default: 80, min: 1, max: 1000 }),
  busyUntilPercent: whole({ doc: 'Utilisation at which it is doubled no longer; unit: percent.', default: 70, min: 0, max: 1000 }),
  assumedLatencyMs: whole({ doc: 'Latency of a link of which none is known; unit: milliseconds.', default: 1, min: 0, max: 10_000 }),
  stepPercent: whole({ doc: 'A link is put out when a cost, its latency or its loss has changed by so much, or its utilisation by so many points; unit: percent.', default: 5, min: 0, max: 1000 }),
  staleMs: whole({ doc: 'Measurements and loads that are older count as none; unit: milliseconds.', default: 300_000, min: 1000, max: 86_400_000 }),
  maxStateMiB: whole({ doc: 'Memory of topology, loads and measurements, each; unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

type Settings = ValuesOf<typeof linksSection>;

const NONE = NaN;
/** Kept of a measurement: time, offset, latency, loss, utilisation. Kept of a load: time, sent, received. NaN: not known. */
const TIME = 0, OFFSET = 1, LATENCY = 2, LOSS = 3, UTILISATION = 4, MEASURES = 5;
const SENT = 1, RECEIVED = 2, LOADS = 3;
/** Kept of what was put out: costs and whether the link was busy, in each direction, when the topology of it changed, and what the costs were made of. */
const COST_AHEAD = 0, COST_BACK = 1, BUSY_AHEAD = 2, BUSY_BACK = 3, SAID = 4, MADE_OF = 5;
/** Of each of these, what a change of 100 % is at least: milliseconds, losses, loads. */
const FLOORS = { latencyMs: 1, lossRatio: 0.01, utilisationAhead: 1, utilisationBack: 1 } as const;
const PARTS = Object.keys(FLOORS) as (keyof typeof FLOORS)[];

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const bytesOf = (cells: Float64Array): Buffer => Buffer.from(cells.buffer, cells.byteOffset, cells.byteLength);
const cellsOf = (bytes: Buffer): Float64Array => new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

function keepLoad(value: Buffer): Buffer {
  const { time, outUtilisation, inUtilisation } = decodeInterfaceRates(value);
  const cells = new Float64Array(LOADS);
  cells[TIME] = time;
  cells[SENT] = outUtilisation ?? NONE;
  cells[RECEIVED] = inUtilisation ?? NONE;
  return bytesOf(cells);
}

class LinkTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  private readonly topology: JoinTable;
  private readonly loads: JoinTable;
  private readonly measures: KeyValue;
  private readonly said: KeyValue;
  private readonly elements: Elements;
  private readonly policy: CostPolicy;
  private given!: LinkMetrics;

  constructor(private readonly settings: Settings) {
    const maxBytes = settings.maxStateMiB * 2 ** 20;
    this.topology = new JoinTable({ name: 'topology', topic: TOPOLOGY_STATE, maxBytes, keep: (value) => (decodeTopologyState(value), value) });
    this.loads = new JoinTable({ name: 'loads', topic: INTERFACES_RATES, maxBytes, keep: keepLoad });
    this.measures = new KeyValue({ name: 'measures', maxBytes });
    this.said = new KeyValue({ name: 'said', maxBytes });
    this.elements = new Elements(this.topology);
    this.stores = [this.measures, this.said, this.elements.watched(this.topology.store), this.loads.store];
    let links: ReadonlySet<string> = new Set();
    this.tables = [
      this.topology.steps(
        (key) => void (links = this.elements.leave(key.toString())),
        (key, context) => {
          for (const link of new Set([...links, ...this.elements.enter(key.toString())])) this.tell(link, 'topology', context);
        },
      ),
      this.loads.steps(undefined, (key, context) => {
        for (const link of this.elements.behind(key.toString())) this.tell(link, 'counters', context);
      }),
    ];
    this.policy = {
      latencyWeight: settings.latencyWeightPercent / 100, utilisationWeight: settings.utilisationWeightPercent / 100, lossWeight: settings.lossWeightPercent / 100,
      busyFrom: settings.busyFromPercent / 100, busyUntil: Math.min(settings.busyUntilPercent, settings.busyFromPercent) / 100, assumedLatencyMs: settings.assumedLatencyMs,
    };
  }

  decode(value: Buffer): void {
    this.given = decodeLinkMetrics(value);
  }

  step(context: Context): void {
    const { link, time, latencyMs, lossRatio, utilisationRatio } = this.given;
    context.received(1);
    const key = Buffer.from(link);
    const before = this.measures.get(key);
    if (before !== null && before.readDoubleLE(8 * TIME) > time) return context.discarded('out-of-order', 1);
    const cells = new Float64Array(MEASURES);
    cells[TIME] = time;
    cells[OFFSET] = context.offset;
    cells[LATENCY] = latencyMs ?? NONE;
    cells[LOSS] = lossRatio ?? NONE;
    cells[UTILISATION] = utilisationRatio ?? NONE;
    if (!this.measures.put(key, bytesOf(cells))) return context.deadLetter('NW_STATE_FULL', `The measurements of ${this.measures.entries} links take ${this.measures.bytes} bytes.`);
    if (this.elements.link(link) === null) return context.discarded('link-not-in-topology', 1);
    this.tell(link, 'measurement', context);
  }

  /** Puts a link out where it is another than was put out last. */
  private tell(link: string, reason: string, context: Context): void {
    const key = Buffer.from(link);
    const known = this.elements.link(link);
    const before = this.said.get(key);
    if (known === null || known.a === null || known.b === null) {
      if (known !== null) context.discarded('link-without-ends', 1);
      if (before === null) return;
      this.said.delete(key);
      context.emit(LINKS_STATE, 0, key, null);
      context.sent(1);
      return;
    }
    const said = before === null ? null : cellsOf(before);
    const joined: JoinedCauses[] = this.topology.get(Buffer.from(`link/${link}`)) === null ? [] : this.topology.causes();
    const state = this.stateOf(known as TopologyState & { a: string; b: string }, said, reason, context, joined);
    const next = new Float64Array(MADE_OF + PARTS.length);
    next[COST_AHEAD] = state.costAhead;
    next[COST_BACK] = state.costBack;
    next[BUSY_AHEAD] = Number(this.busy.ahead);
    next[BUSY_BACK] = Number(this.busy.back);
    next[SAID] = known.time;
    PARTS.forEach((part, i) => (next[MADE_OF + i] = state[part] ?? NONE));
    if (said !== null && said[SAID] === known.time && !this.differs(said, next)) return;
    if (!this.said.put(key, bytesOf(next))) return context.discarded('state-full', 1);
    context.emit(LINKS_STATE, 0, key, encodeLinkState(state, context.schemaId(LINKS_STATE)), { timeMs: state.time, joined });
    context.sent(1);
  }

  private readonly busy = { ahead: false, back: false };

  private stateOf(link: TopologyState & { a: string; b: string }, said: Float64Array | null, reason: string, context: Context, joined: JoinedCauses[]): LinkState {
    const measures = this.measures.get(Buffer.from(link.id));
    const measured = measures === null ? null : cellsOf(measures);
    const { elements } = this;
    const ends = [elements.end(link.a, link.aInterface), elements.end(link.b, link.bInterface)];
    let time = link.time;
    const loads = ends.map(({ key }) => {
      const bytes = key === null ? null : this.loads.get(Buffer.from(key));
      if (bytes === null) return null;
      joined.push(...this.loads.causes());
      return cellsOf(bytes);
    });
    for (const cells of [measured, ...loads]) if (cells !== null && cells[TIME] > time) time = cells[TIME];
    const fresh = (cells: Float64Array | null): Float64Array | null => (cells !== null && time - cells[TIME] <= this.settings.staleMs ? cells : null);
    const [now, load] = [fresh(measured), loads.map(fresh)];
    if (measured !== null && reason !== 'measurement') joined.push({ topic: LINKS_METRICS, first: measured[OFFSET], last: measured[OFFSET] });
    const first = (...values: (number | undefined)[]): number | null => orNull(values.find((value) => value !== undefined && !Number.isNaN(value)) ?? NONE);
    const latencyMs = first(now === null ? undefined : now[LATENCY] / 2, link.latencyMs ?? undefined);
    const lossRatio = first(now?.[LOSS]);
    const utilisationAhead = first(load[0]?.[SENT], load[1]?.[RECEIVED], now?.[UTILISATION]);
    const utilisationBack = first(load[1]?.[SENT], load[0]?.[RECEIVED], now?.[UTILISATION]);
    const up = link.up !== false && ends.every((end) => end.up);
    const ahead = costOf({ up, latencyMs, utilisationRatio: utilisationAhead, lossRatio }, said?.[BUSY_AHEAD] === 1, this.policy);
    const back = costOf({ up, latencyMs, utilisationRatio: utilisationBack, lossRatio }, said?.[BUSY_BACK] === 1, this.policy);
    if (ahead.refused + back.refused > 0) context.discarded('no-measure', ahead.refused + back.refused);
    if (ends.some(({ known }) => !known)) context.discarded('device-not-in-topology', 1);
    this.busy.ahead = ahead.busy;
    this.busy.back = back.busy;
    return {
      link: link.id, time, a: link.a, b: link.b, up, bitsPerSecond: link.bitsPerSecond, latencyMs, lossRatio,
      utilisationAhead, costAhead: ahead.cost, utilisationBack, costBack: back.cost, riskGroups: link.riskGroups, reason,
    };
  }

  /** Whether enough is other than what was put out last. */
  private differs(before: Float64Array, now: Float64Array): boolean {
    const step = this.settings.stepPercent / 100;
    const by = (cell: number, floor: number): boolean => {
      const [was, is] = [before[cell], now[cell]];
      if (was === Infinity || is === Infinity || Number.isNaN(was) || Number.isNaN(is)) return !Object.is(was, is);
      return Math.abs(is - was) > Math.max(COST_STEP / 2, step * Math.max(was, floor));
    };
    return by(COST_AHEAD, 0) || by(COST_BACK, 0) || PARTS.some((part, i) => by(MADE_OF + i, FLOORS[part]));
  }
}

/** The processor. */
export const linkState: Processor<typeof linksSection> = {
  name: 'link-state',
  doc: 'What links are like now, and what they cost: topology, measurements and loads joined.',
  delivery: 'exactly once, from links.metrics, topology.state and interfaces.rates to links.state',
  input: LINKS_METRICS,
  tables: [TOPOLOGY_STATE, INTERFACES_RATES],
  outputs: [LINKS_STATE],
  section: linksSection,
  windows: () => [],
  create: (settings) => new LinkTask(settings),
};
