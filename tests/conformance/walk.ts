import { Comparison } from './compare';
import type { Decoded, Entry } from './capture';
import { COUNTS } from './differences';

/** As many records of each kind as a walk over the bytes finds; where another count is right, {@link COUNTS} says why. */
export function compareWalk({ file, walk = {} }: Entry, { counts, records }: Decoded): Comparison {
  const comparison = new Comparison(file, 'walk');
  const faults = records.filter((record) => record.kind === 'fault').map(({ fault }) => fault);
  const withoutTemplate = faults.filter((fault) => fault === 'template_missing').length;
  const got = { flows: counts.records.reduce((sum, of) => sum + of, 0), options: counts.optionsRecords, counters: counts.counterSamples, discarded: counts.discardedPacketSamples, withoutTemplate, errors: faults.length - withoutTemplate };
  const want = {
    flows: walk.flow_records ?? walk.flow_samples + walk.expanded_flow_samples,
    options: walk.options_records ?? 0,
    counters: (walk.counter_samples ?? 0) + (walk.expanded_counter_samples ?? 0),
    discarded: walk.discarded_packet_samples ?? 0,
    withoutTemplate: walk.sets_without_template ?? 0,
    errors: walk.errors,
  };
  const exceptions = COUNTS[file]?.counts ?? {};
  comparison.outcome.records = want.flows + want.options + want.counters + want.discarded;
  for (const [name, count] of Object.entries(want)) {
    const exception = exceptions[name];
    comparison.count(name, got[name as keyof typeof got], exception ?? count);
    if (exception !== undefined && exception !== count) {
      comparison.outcome.equal--;
      comparison.outcome.explained++;
    }
  }
  return comparison;
}
