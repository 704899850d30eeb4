/** The sets that forecasts are tried on, each cut by time: what models may be fitted to, and what they are then asked about. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LinearDesign } from '../../domain/forecast/linear';
import { grouped, ingress, links, part, readWide, total, type SeriesSet } from './matrices';

/** What was measured, at one level of aggregation. */
export interface Level {
  readonly level: string;
  /** Pieces that models may be fitted to; there is a gap between one and the next. */
  readonly training: readonly SeriesSet[];
  /** Pieces that they are asked about. */
  readonly test: readonly { readonly set: SeriesSet; /** First step that is forecast; those before are known. */ readonly from: number }[];
}

/** A set. */
export interface ForecastSet {
  readonly name: string;
  readonly doc: string;
  readonly stepMs: number;
  /** Horizons, by name, in the order of the design. */
  readonly horizons: readonly string[];
  readonly design: LinearDesign;
  readonly levels: readonly Level[];
}

const MINUTE = 60_000, HOUR = 60 * MINUTE;
/** Share of a set's time that comes first and may be fitted to. */
const TRAINING = 0.7;
/** From Mbit/s, from kbit/s, from bits to bytes a step. */
const fromBits = (stepMs: number, unit: number): number => (unit / 8) * (stepMs / 1000);

/** As the shipped model looks at what is before it. @param day windows of a day */
const designOf = (day: number, horizons: readonly number[]): LinearDesign => ({
  window: 60, horizons, day,
  seasons: [{ period: day, width: Math.max(1, day / 24), cycles: 3 }, { period: day, width: day / 8, cycles: 3 }, { period: 7 * day, width: Math.max(1, day / 24), cycles: 1 }],
});
const FIVE_MINUTES = designOf(288, [1, 3, 12, 288]), QUARTERS = designOf(96, [1, 4, 96]), HOURS = designOf(24, [1, 24]);

/** Each n-th of the series of a level, beginning with the first. */
export function everyNth({ level, training, test }: Level, n: number): Level {
  const some = (set: SeriesSet): SeriesSet => ({ ...set, names: set.names.filter((_, i) => i % n === 0), series: set.series.filter((_, i) => i % n === 0) });
  return { level, training: training.map(some), test: test.map(({ set, from }) => ({ set: some(set), from })) };
}

/** A level by its name, of matrices that follow one another with gaps between them. */
type Aggregate = (set: SeriesSet) => SeriesSet | null;

const LEVELS = (linksOf: Aggregate): readonly [string, Aggregate][] => [['total', total], ['ingress', ingress], ['origin-destination', (set) => set], ['link', linksOf]];

function levelsOf(aggregates: readonly [string, Aggregate][], training: readonly SeriesSet[], test: readonly (readonly [SeriesSet, number])[]): Level[] {
  return aggregates.flatMap(([level, aggregate]) => {
    const pieces = training.map(aggregate);
    const asked = test.map(([set, from]) => ({ set: aggregate(set), from }));
    if (pieces.includes(null) || asked.some(({ set }) => set === null)) return [];
    return [{ level, training: pieces as SeriesSet[], test: asked as { set: SeriesSet; from: number }[] }];
  });
}

/** The sets under a folder of data sets, and what of them is absent. */
export function forecastSets(folder: string): { sets: ForecastSet[]; absent: string[] } {
  const absent: string[] = [];
  const path = (name: string): string | null => {
    const at = join(folder, name);
    if (existsSync(at)) return at;
    absent.push(at);
    return null;
  };
  const sets = [abilene(path), geant(path), isp(path)].flat();
  return { sets, absent };
}

type PathOf = (name: string) => string | null;

/** Ten days without a gap; then two single days after the network assigned its egress anew, never joined with those. */
function abilene(path: PathOf): ForecastSet[] {
  const [a, b, topology] = [path('tm-abilene/abilene_od_5min_mbps_A.csv.gz'), path('tm-abilene/abilene_od_5min_mbps_B.csv.gz'), path('topology-sndlib/abilene.xml.gz')];
  if (a === null) return [];
  const stepMs = 5 * MINUTE;
  const factor = fromBits(stepMs, 1e6);
  const aggregates = LEVELS((set) => (topology === null ? null : links(set, topology)));
  const whole = readWide(a, stepMs, factor);
  const cut = Math.round(TRAINING * whole.series[0].length);
  const training = [part(whole, 0, cut)];
  const shared = { stepMs, horizons: ['5 min', '15 min', '1 h', '24 h'], design: FIVE_MINUTES };
  const sets: ForecastSet[] = [{ ...shared, name: 'abilene-a', doc: 'Abilene, 1 to 10 March 2004, 5 min; fitted to the first seven days.', levels: levelsOf(aggregates, training, [[whole, cut]]) }];
  if (b === null) return sets;
  const days = [readWide(b, stepMs, factor, 0, 288), readWide(b, stepMs, factor, 288)];
  const known = FIVE_MINUTES.window;
  return [...sets, { ...shared, name: 'abilene-b', doc: 'Abilene after its change of regime, 14 March and 2 April 2004: fitted to the seven days before it.', levels: levelsOf(aggregates, training, days.map((day) => [day, known])) }];
}

/** Three days of January, and four of May of which the first may be fitted to. The first row of May is no measurement. */
function geant(path: PathOf): ForecastSet[] {
  const [january, may, topology] = [path('tm-geant/geant23_od_15min_kbps_jan2005.csv.gz'), path('tm-geant/geant23_od_15min_kbps.csv.gz'), path('topology-sndlib/geant.xml.gz')];
  if (january === null || may === null) return [];
  const stepMs = 15 * MINUTE;
  const factor = fromBits(stepMs, 1e3);
  // The topology has one node where the matrices have two for Germany.
  const onMap = (set: SeriesSet): SeriesSet => grouped(set, (name) => [name.replaceAll('de2.de', 'de1.de')]);
  const whole = readWide(may, stepMs, factor, 1);
  const cut = Math.round(TRAINING * whole.series[0].length);
  return [{
    name: 'geant', doc: 'GEANT, 4 to 8 May 2005, 15 min; fitted to the first 70 % of it and to 1 to 4 January.', stepMs, horizons: ['15 min', '1 h', '24 h'], design: QUARTERS,
    levels: levelsOf(LEVELS((set) => (topology === null ? null : links(onMap(set), topology))), [readWide(january, stepMs, factor), part(whole, 0, cut)], [[whole, cut]]),
  }];
}

/** One transatlantic link by the hour. */
function isp(path: PathOf): ForecastSet[] {
  const file = path('isp-hourly/isp_transatlantic_link_hourly_bits.csv.gz');
  if (file === null) return [];
  const whole = readWide(file, HOUR, 1 / 8);
  const cut = Math.round(TRAINING * whole.series[0].length);
  return [{ name: 'isp-hourly', doc: 'One transatlantic link, 7 June to 16 July 2005, by the hour; fitted to the first 70 %.', stepMs: HOUR, horizons: ['1 h', '24 h'], design: HOURS, levels: levelsOf([['link', (set) => set]], [part(whole, 0, cut)], [[whole, cut]]) }];
}
