import { flag, section, text, whole } from '../infra/config/section';

/** Keys of the topics: names, partitions, how long records are kept. */
export const topicsSection = section('topics', 'Names, partitions and retention of the topics.', {
  prefix: text({ doc: "Text before every topic's name, e.g. `lab.`; letters, digits, dots, underscores and hyphens.", default: '' }),
  flowPartitions: whole({ doc: 'Partitions of the topics of flows and of traffic: as many processors as this can share the work. Can be raised, never lowered.', default: 4, min: 1, max: 4096 }),
  metricPartitions: whole({ doc: 'Partitions of the topics of counters and metrics. Can be raised, never lowered.', default: 2, min: 1, max: 4096 }),
  flowRetentionHours: whole({ doc: 'How long flows are kept on the log; unit: hours. -1 keeps them for ever.', default: 24, min: -1, max: 87_600 }),
  flowRetentionMiB: whole({ doc: 'Most that a partition of flows keeps; unit: MiB. -1 is unlimited.', default: 4096, min: -1, max: 2 ** 31 }),
  retentionHours: whole({ doc: 'How long every other topic is kept; of a compacted one, records that later ones of their key have replaced, so that what happened in that time can be replayed; unit: hours. -1 keeps it for ever.', default: 168, min: -1, max: 87_600 }),
  apply: flag({ doc: '`netweaver all` creates missing topics at its start and changes retention and partition counts to what is configured; false leaves that to `netweaver topics apply`.', default: true }),
});
