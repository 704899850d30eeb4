import { list, section, text, whole, type ValuesOf } from '../../infra/config/section';

/** Keys of `score`. */
export const scoreSection = section('score', 'Windows of traffic that a model cannot reconstruct.', {
  model: text({ doc: 'Model where none was deployed, as name or name@hash; empty: none.', default: 'autoencoder' }),
  windowsMs: list({ doc: 'Lengths of the windows that are scored, some of those of traffic.features; unit: milliseconds.', default: ['60000', '10000'] }),
  leastBytes: whole({ doc: 'A window with less in it is not scored: a handful of packets is like nothing. Unit: bytes.', default: 100_000, min: 0, max: 1_000_000_000_000 }),
  thresholdPercent: whole({ doc: 'Threshold of the error, of what the card of the model says (mean + 2 sigma of its validation); unit: percent.', default: 100, min: 1, max: 10_000 }),
  learnWindows: whole({ doc: 'So many windows of a subject are learned from before it is held against itself; until then it is held against all of its kind, once ten times as many of theirs are. 0: the threshold of the model alone counts. Unit: windows.', default: 30, min: 0, max: 100_000 }),
  usualSigmas: whole({ doc: 'How far above the mean error of the subject itself a window must be, beside the threshold; unit: standard deviations of its errors.', default: 4, min: 0, max: 100 }),
  beginsAfter: whole({ doc: 'So many windows on end above the threshold begin an anomaly; unit: windows.', default: 3, min: 1, max: 1000 }),
  overAfter: whole({ doc: 'So many on end below it, or without traffic, end it; unit: windows.', default: 3, min: 1, max: 1000 }),
  goesOnMs: whole({ doc: 'How often one that goes on is told of; unit: milliseconds.', default: 60_000, min: 1000, max: 86_400_000 }),
  maxStateMiB: whole({ doc: 'Memory of what is usual of subjects, and as much of those that are out of the ordinary; for the model in the shadow the same again. Unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

/** Values of {@link scoreSection}. */
export type ScoreSettings = ValuesOf<typeof scoreSection>;
