/**
 * Rates of interfaces from their counters: a stream, interfaces.counters, joined with a table, interfaces.state, which has the
 * name that operators know and the speed that utilisation is of.
 *
 * Two readings of the same source make a rate. A counter that became smaller has wrapped, where what it then grew by is
 * what the interface can carry; otherwise, or where the source says so, or the device has started anew, the counters were reset
 * and the reading is only where the next rate begins. The same holds after more than `gapMs`. Readings that are not younger than
 * the one before are let go, unless that one came from a clock far ahead.
 *
 * Units: bits, packets, errors and discards a second; utilisation 1 is full. What cannot be told is null.
 *
 * Delivery: exactly once, from interfaces.counters and interfaces.state to interfaces.rates.
 * State: 250 bytes an interface and source, for `gapMs`; and the table, with name and speed of each interface.
 */
import { section, whole, type ValuesOf } from '../infra/config/section';
import { COUNTER_SOURCE, decodeInterfaceCounters, decodeInterfaceState, type InterfaceCounters } from '../schemas';
import { INTERFACES_COUNTERS, INTERFACES_RATES, INTERFACES_STATE } from '../topics';
import { difference, isWrapped, RESET } from './interface-rates/difference';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { KeyValue } from './runtime/state/key-value';
import { KeyValueView } from './runtime/state/key-value-view';
import { timeCell, type StoreView } from './runtime/state/view';

/** Keys of `interfaceRates`. */
export const interfaceRatesSection = section('interfaceRates', 'Rates of interfaces from their counters.', {
  gapMs: whole({ doc: 'Counters that are read less often than this give no rates; unit: milliseconds.', default: 3_600_000, min: 1000, max: 86_400_000 }),
  leastMs: whole({ doc: 'Readings that follow sooner than this wait for the next: over so short a time the clocks decide; unit: milliseconds.', default: 1000, min: 1, max: 60_000 }),
  stateBytes: whole({ doc: 'Memory for the last readings, and as much for names and speeds, of a partition; beyond, records go to dead-letters; unit: bytes.', default: 64 * 2 ** 20, min: 2 ** 20, max: 2 ** 34 }),
});

type Settings = ValuesOf<typeof interfaceRatesSection>;

/** Cells of a reading: time, uptime, offset of its record, then the counters; NaN where there is none. */
const TIME = 0, UPTIME = 1, OFFSET = 2, COUNTERS = 3;
const COUNTER_NAMES = [
  'inOctets', 'inUnicastPackets', 'inMulticastPackets', 'inBroadcastPackets', 'inErrors', 'inDiscards',
  'outOctets', 'outUnicastPackets', 'outMulticastPackets', 'outBroadcastPackets', 'outErrors', 'outDiscards',
] as const;
/** Counters of one direction, in the order of {@link COUNTER_NAMES}. */
const OCTETS = 0, UNICAST = 1, ERRORS = 4, DISCARDS = 5, DIRECTION = 6;
const CELLS = COUNTERS + COUNTER_NAMES.length;
/** What passes at most: a quarter more than the speed says, in packets of 64 bytes with preamble and gap (IEEE 802.3). Speed not known: half of what 32 bits count. */
const MARGIN = 1.25;
const PACKET_BITS = 8 * 84;
const MOST_UNKNOWN = 2 ** 31;

/** Kept of interfaces.state: speed (0: not known), then name and alias with a zero between. */
const NAME = 8;

/** What a source does not say stays as another said it. */
function keepState(value: Buffer, before: Buffer | null): Buffer {
  const state = decodeInterfaceState(value);
  const known = before === null ? NOTHING : knownOf(before);
  const kept = Buffer.from(`${' '.repeat(NAME)}${state.name || known.name}\0${state.alias || known.alias}`);
  kept.writeDoubleLE(state.speed ?? known.speed, 0);
  return kept;
}

interface Known {
  readonly speed: number;
  readonly name: string;
  readonly alias: string;
}

const NOTHING: Known = { speed: 0, name: '', alias: '' };

function knownOf(kept: Buffer): Known {
  const [name, alias] = kept.toString('utf8', NAME).split('\0');
  return { speed: kept.readDoubleLE(0), name, alias };
}

class InterfaceRatesTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  readonly views: readonly StoreView[];
  private readonly states: JoinTable;
  /** The last reading, by source and key. */
  private readonly readings: KeyValue;
  private counters!: InterfaceCounters;
  private key: Buffer = Buffer.alloc(0);
  private readonly before = new Float64Array(CELLS);
  private readonly beforeBytes = new Uint8Array(this.before.buffer);
  private readonly now = new Float64Array(CELLS);
  private readonly nowBytes = new Uint8Array(this.now.buffer);
  private readonly grown = new Float64Array(COUNTER_NAMES.length);
  private wraps = 0;

  constructor(private readonly settings: Settings) {
    this.states = new JoinTable({ name: 'states', topic: INTERFACES_STATE, maxBytes: settings.stateBytes, keep: keepState });
    this.readings = new KeyValue({ name: 'readings', maxBytes: settings.stateBytes, lifeMs: settings.gapMs });
    this.stores = [this.readings, this.states.store];
    this.tables = [this.states.steps()];
    this.views = ratesViews(this.states, this.readings);
  }

  streamTime(): number | null {
    return this.readings.clock;
  }

  decode(value: Buffer, key: Buffer | null): void {
    this.counters = decodeInterfaceCounters(value);
    this.key = key ?? Buffer.from(`${this.counters.device}/${this.counters.ifIndex}`);
  }

  step(context: Context): void {
    const { counters, readings, before, now } = this;
    context.received(1);
    readings.advance(context.timestampMs);
    const place = Buffer.concat([Buffer.of(COUNTER_SOURCE[counters.source]), this.key]);
    now[TIME] = counters.time;
    now[UPTIME] = counters.uptimeSeconds ?? NaN;
    now[OFFSET] = context.offset;
    COUNTER_NAMES.forEach((name, i) => (now[COUNTERS + i] = counters[name] ?? NaN));
    const kept = readings.get(place);
    if (kept !== null) {
      this.beforeBytes.set(kept);
      const elapsed = now[TIME] - before[TIME];
      if (elapsed < this.settings.leastMs && elapsed > -this.settings.gapMs) return context.discarded(elapsed > 0 ? 'too-soon' : 'out-of-order', 1);
    }
    if (!readings.put(place, this.nowBytes)) return context.deadLetter('NW_STATE_FULL', `The readings of ${readings.entries} interfaces take ${readings.bytes} bytes.`);
    const why = kept === null ? 'first-reading' : this.compare();
    if (why === null) this.emit(context);
    else context.discarded(why, 1);
  }

  /** Differences of the two readings into {@link grown}; why they mean nothing, null where they do. */
  private compare(): string | null {
    const { before, now, grown, counters } = this;
    const elapsed = now[TIME] - before[TIME];
    if (elapsed < 0 || elapsed > this.settings.gapMs) return 'gap';
    if (counters.discontinuity || now[UPTIME] < before[UPTIME]) return 'reset';
    const speed = this.known().speed;
    const bits = speed > 0 ? (MARGIN * speed * elapsed) / 1000 : 0;
    this.wraps = 0;
    for (let i = 0; i < grown.length; i++) {
      const isOctets = i % DIRECTION === OCTETS;
      const most = bits > 0 ? bits / (isOctets ? 8 : PACKET_BITS) : MOST_UNKNOWN;
      const [was, is] = [before[COUNTERS + i], now[COUNTERS + i]];
      grown[i] = difference(was, is, most);
      if (grown[i] === RESET) return 'reset';
      if (isWrapped(was, is) && !Number.isNaN(grown[i])) this.wraps++;
    }
    return null;
  }

  /** What is known of the interface: speed by the table, else by the counters. */
  private known(): Known {
    const kept = this.states.get(this.key);
    const known = kept === null ? NOTHING : knownOf(kept);
    return { speed: known.speed || this.counters.speed, name: known.name || this.counters.ifName, alias: known.alias };
  }

  private emit(context: Context): void {
    const { counters, grown } = this;
    const { speed, name, alias } = this.known();
    const reading = { topic: INTERFACES_COUNTERS, first: this.before[OFFSET], last: this.before[OFFSET] };
    const joined = this.states.get(this.key) === null ? [reading] : [reading, ...this.states.causes()];
    const seconds = (this.now[TIME] - this.before[TIME]) / 1000;
    const rate = (i: number): number | null => (Number.isNaN(grown[i]) ? null : grown[i] / seconds);
    const of = (direction: number): { bits: number | null; packets: number | null; utilisation: number | null; errors: number | null; discards: number | null } => {
      const octets = rate(direction + OCTETS);
      const bits = octets === null ? null : 8 * octets;
      let packets: number | null = null;
      for (let i = UNICAST; i < ERRORS; i++) {
        const some = rate(direction + i);
        if (some !== null) packets = (packets ?? 0) + some;
      }
      return { bits, packets, utilisation: bits === null || speed <= 0 ? null : bits / speed, errors: rate(direction + ERRORS), discards: rate(direction + DISCARDS) };
    };
    const [incoming, outgoing] = [of(0), of(DIRECTION)];
    const value = INTERFACES_RATES.record.encode(
      {
        device: counters.device, ifIndex: counters.ifIndex, name, alias, time: counters.time, seconds, source: counters.source, speed: speed > 0 ? speed : null,
        inBitsPerSecond: incoming.bits, inPacketsPerSecond: incoming.packets, inUtilisation: incoming.utilisation, inErrorsPerSecond: incoming.errors, inDiscardsPerSecond: incoming.discards,
        outBitsPerSecond: outgoing.bits, outPacketsPerSecond: outgoing.packets, outUtilisation: outgoing.utilisation, outErrorsPerSecond: outgoing.errors, outDiscardsPerSecond: outgoing.discards,
        wraps: this.wraps,
      },
      context.schemaId(INTERFACES_RATES),
    );
    context.emit(INTERFACES_RATES, 0, this.key, value, { timeMs: counters.time, joined });
    context.sent(1);
  }
}

/** Names and speeds, and the last readings, as rows. */
function ratesViews(states: JoinTable, readings: KeyValue): readonly StoreView[] {
  const sources = Object.keys(COUNTER_SOURCE) as (keyof typeof COUNTER_SOURCE)[];
  return [
    states.view('What an interface is called and what it can.', [{ name: 'speed', doc: 'Bits a second; 0: not known.' }, { name: 'name', doc: 'ifName.' }, { name: 'alias', doc: 'ifAlias.' }], (kept) => {
      const { speed, name, alias } = knownOf(kept);
      return [speed, name, alias];
    }),
    new KeyValueView({
      name: 'readings', doc: 'The last reading of an interface by one source; null where a counter is not kept.', store: readings,
      key: [{ name: 'source', doc: 'SNMP or SFLOW.' }, { name: 'interface', doc: '`<device>/<ifIndex>`.' }],
      readKey: (key) => [sources.find((source) => COUNTER_SOURCE[source] === key[0]) ?? null, key.toString('utf8', 1)],
      writeKey: ([source, of]) => (source in COUNTER_SOURCE ? Buffer.concat([Buffer.of(COUNTER_SOURCE[source as keyof typeof COUNTER_SOURCE]), Buffer.from(of)]) : null),
      values: [{ name: 'time', doc: 'When it was read.' }, { name: 'uptimeSeconds', doc: 'sysUpTime then.' }, { name: 'offset', doc: 'Offset of the record on interfaces.counters.' }, ...COUNTER_NAMES.map((name) => ({ name, doc: 'As in interfaces.counters.' }))],
      readValue: (value) => Array.from({ length: CELLS }, (_, cell) => value.readDoubleLE(8 * cell)).map((number, cell) => (Number.isNaN(number) ? null : cell === TIME ? timeCell(number) : number)),
    }),
  ];
}

/** See the file's head. */
export const interfaceRates: Processor<typeof interfaceRatesSection> = {
  name: 'interface-rates',
  doc: 'Bits, packets, errors and discards a second, and utilisation, of interfaces.',
  delivery: 'exactly once, from interfaces.counters and interfaces.state to interfaces.rates',
  input: INTERFACES_COUNTERS,
  tables: [INTERFACES_STATE],
  outputs: [INTERFACES_RATES],
  section: interfaceRatesSection,
  windows: () => [],
  create: (settings) => new InterfaceRatesTask(settings),
};
