/** Mutated datagrams through the whole decoder, with everything on that can be switched on. */
import { MmdbTable, countryOf } from '../../domain/enrich/mmdb';
import { mmdbOf } from '../../domain/enrich/mmdb-fixture';
import { Places } from '../../domain/enrich/places';
import { Admission, THINNED_OUT } from '../../domain/flow/admission';
import { Anonymiser, KEY_BYTES } from '../../domain/flow/anonymise';
import { FlowPartitions } from '../../domain/flow/batch-builder';
import { FlowDecoder } from '../../domain/flow/decoder';
import { BUILT_IN } from '../../domain/flow/elements/registry';
import { ExtraSelection } from '../../domain/flow/extra';
import { parsePrefix } from '../../domain/flow/prefix';
import { ConfiguredRates } from '../../domain/flow/sampling';
import { decodeFlowBatch } from '../../schemas';
import { Mutator, type Operation, type Seed } from './mutate';
import { random } from './random';

/** What to run. */
export interface FuzzOptions {
  readonly datagrams: number;
  readonly seed: number;
  readonly seeds: readonly Seed[];
  /** Called ten times, with the share done. */
  readonly onTenth?: (tenth: number, outcome: FuzzOutcome) => void;
  /** One of so many batches is decoded again. */
  readonly readBack?: number;
}

/** What came of it. */
export interface FuzzOutcome {
  datagrams: number;
  /** Datagrams without a fault; with at least one; left out by admission. Together all. */
  clean: number;
  faulty: number;
  thinnedOut: number;
  flows: number;
  readonly faults: Record<string, number>;
  readonly operations: Readonly<Record<Operation, number>>;
  /** The longest that one datagram took, milliseconds of wall clock. */
  slowestMs: number;
  /** Bytes: largest batch, templates, data that waits. */
  largestBatch: number;
  templateBytes: number;
}

const LIMITS = { perExporter: 1 << 20, total: 1 << 23, ttlSeconds: 60 };

/** Runs; throws where the decoder does, or makes a batch that cannot be read. */
export function fuzz({ datagrams, seed, seeds, onTenth, readBack = 50 }: FuzzOptions): FuzzOutcome {
  const below = random(seed);
  const mutator = new Mutator(seeds, below);
  const outcome: FuzzOutcome = { datagrams: 0, clean: 0, faulty: 0, thinnedOut: 0, flows: 0, faults: {}, operations: mutator.operations, slowestMs: 0, largestBatch: 0, templateBytes: 0 };
  let present = 0;
  let batches = 0;
  const out = new FlowPartitions(3, 65_536, (builder) => {
    outcome.largestBatch = Math.max(outcome.largestBatch, builder.size);
    const value = builder.take(1);
    if (batches++ % readBack === 0) decodeFlowBatch(value);
  });
  const places = new Places({
    prefixes: [{ ...parsePrefix('10.0.0.0/8'), place: { site: 'somewhere', country: 'CH' } }, { ...parsePrefix('2001:db8::/32'), place: { as: 64_500 } }],
    systems: null,
    countries: new MmdbTable(mmdbOf([['0.0.0.0/1', { country_code: 'DE' }], ['8000::/1', { country_code: 'FR' }]]), countryOf, ''),
  });
  const decoder = new FlowDecoder(
    out,
    new ConfiguredRates({ '192.0.2.0/28': 10 }, 0, ['192.0.2.16/28']),
    LIMITS,
    {
      fault: (_source, fault) => {
        present++;
        outcome.faults[fault] = (outcome.faults[fault] ?? 0) + 1;
      },
      options: () => undefined,
      counters: () => undefined,
      device: () => undefined,
      discarded: (_datagram, packet) => void packet.reasonName,
    },
    {
      tunnels: 'both',
      extra: new ExtraSelection(['*'], BUILT_IN),
      finishing: { places, anonymiser: new Anonymiser(Buffer.alloc(KEY_BYTES, 3)) },
      templateScope: 'address-and-port',
      waiting: { totalBytes: 1 << 20, perExporterBytes: 1 << 17, ageMs: 5000 },
      streams: 256,
    },
  );
  const admission = new Admission({ exporters: [], flowsPerSecond: 0, flowsPerSecondOf: [{ ...parsePrefix('192.0.2.32/27'), limit: 50 }] });
  const tenth = Math.max(1, Math.floor(datagrams / 10));
  for (let serial = 0; serial < datagrams; serial++) {
    const datagram = mutator.next();
    const source = decoder.sources.of(`192.0.2.${below(64)}`, 1000 + below(3));
    const nowMs = 1_760_000_000_000 + serial * 3;
    present = 0;
    const began = performance.now();
    const thinning = admission.admit(datagram, source, nowMs);
    if (thinning === THINNED_OUT) {
      decoder.skip(datagram, source, nowMs);
      outcome.thinnedOut++;
    } else {
      const rows = decoder.decode(datagram, source, nowMs, serial, thinning);
      admission.decoded(source, rows);
      outcome.flows += rows;
      if (present > 0) outcome.faulty++;
      else outcome.clean++;
    }
    outcome.slowestMs = Math.max(outcome.slowestMs, performance.now() - began);
    outcome.datagrams++;
    outcome.templateBytes = Math.max(outcome.templateBytes, decoder.templates.weight);
    if (outcome.datagrams % tenth === 0) onTenth?.(outcome.datagrams / tenth, outcome);
  }
  for (const builder of out.builders) decodeFlowBatch(builder.take(1));
  return outcome;
}
