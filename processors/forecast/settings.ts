import { flag, list, section, text, whole, type ValuesOf } from '../../infra/config/section';

/** Keys of `forecast`. */
export const forecastSection = section('forecast', 'Forecasts of what hosts, interfaces and links will carry.', {
  model: text({ doc: 'ONNX model that gives the middle of the forecast where none was deployed, as name or name@hash; empty: the linear model, which also serves where that fails.', default: '' }),
  kinds: list({ doc: 'Kinds of subjects that are forecast: of host, interface, link.', default: ['interface', 'link', 'host'] }),
  learn: flag({ doc: 'Whether the linear model learns from the traffic that it sees; what is told is mixed from that, the shipped weights and persistence, for each subject by how they did.', default: true }),
  maxGaps: whole({ doc: 'Windows that may be missing among the 60 that a forecast is made from; beyond, there is none.', default: 12, min: 0, max: 59 }),
  aheadMs: whole({ doc: 'A window that begins so long after its record was received comes from a wrong clock and is let go; unit: milliseconds.', default: 3_600_000, min: 0, max: 86_400_000 }),
  lifeMs: whole({ doc: 'How long a subject is remembered after its last window; unit: milliseconds.', default: 259_200_000, min: 3_600_000, max: 2_592_000_000 }),
  maxStateMiB: whole({ doc: 'Memory of a partition for hosts, and as much for interfaces and links, 14 KiB each; new subjects beyond are counted (`state-full`). Also for changes of pattern. Unit: MiB.', default: 128, min: 1, max: 16_384 }),
  patternPercent: whole({ doc: 'A change of pattern is what leaves the 90 % interval of an hour ago, widened to so much; unit: percent.', default: 300, min: 100, max: 10_000 }),
  patternLeastBitsPerSecond: whole({ doc: 'Where both forecast and actual are below this, a change of pattern is not told; unit: bits a second.', default: 1_000_000, min: 0, max: 1_000_000_000_000 }),
  beginsAfter: whole({ doc: 'So many windows on end outside begin a change of pattern; unit: windows.', default: 3, min: 1, max: 1000 }),
  overAfter: whole({ doc: 'So many on end inside, or missing, end it; unit: windows.', default: 3, min: 1, max: 1000 }),
  goesOnMs: whole({ doc: 'How often one that goes on is told of; unit: milliseconds.', default: 900_000, min: 1000, max: 86_400_000 }),
});

/** Values of {@link forecastSection}. */
export type ForecastSettings = ValuesOf<typeof forecastSection>;
