/** Results as Markdown. */
import type { DetectionTable } from './detection/evaluate';
import type { ForecastResult } from './forecast/evaluate';

/** What was measured of forecasts. */
export interface Forecasts {
  readonly sets: readonly { readonly name: string; readonly doc: string; readonly horizons: readonly string[] }[];
  readonly absent: readonly string[];
  readonly results: readonly ForecastResult[];
}

const percent = (value: number | null, digits = 1): string => (value === null || Number.isNaN(value) ? '–' : `${(100 * value).toFixed(digits)} %`);

const LEVELS = ['total', 'ingress', 'origin-destination', 'link'];

/** A table a set and level: of each method, by horizon, the error relative to persistence, WAPE, and the coverage of the 90 % interval. */
export function forecastTable(given: unknown): string[] {
  if (given === undefined) return [];
  const { sets, absent, results } = given as Forecasts;
  const lines = [
    '## Forecasts', '',
    'Each cell: error relative to persistence (sum of absolute errors over that of persistence; below 1 is better) · WAPE · share of values within the 90 % interval. The interval is the same for all',
    'methods: split conformal from the end of the training part, drawn out by how few horizons that has, then following each series; own: that which the method tells itself, of `linear as served` what',
    '`forecast` puts out. Only what comes after the training part is forecast, from what was known then.', '',
  ];
  for (const { name, doc, horizons } of sets) {
    lines.push(`### ${name}`, '', doc, '');
    for (const level of LEVELS.filter((one) => results.some((result) => result.set === name && result.level === one))) {
      const of = results.filter((result) => result.set === name && result.level === level);
      const most = Math.max(...of.map(({ series }) => series));
      lines.push(`| ${level} (${most} series) | ${horizons.join(' | ')} |`, `|---|${horizons.map(() => '---').join('|')}|`);
      for (const method of [...new Set(of.map((result) => result.method))]) {
        const cells = horizons.map((horizon) => {
          const found = of.find((result) => result.method === method && result.horizon === horizon);
          return found === undefined ? '–' : `${found.relative.toFixed(3)} · ${percent(found.wape)} · ${percent(found.coverage, 0)}${found.ownCoverage === null ? '' : ` (own ${percent(found.ownCoverage, 0)})`}`;
        });
        const { series } = of.find((result) => result.method === method)!;
        lines.push(`| ${method}${series < most ? `, ${series} of the series` : ''} | ${cells.join(' | ')} |`);
      }
      lines.push('');
    }
  }
  if (absent.length > 0) lines.push(`Absent: ${absent.join(', ')}.`, '');
  return lines;
}

/** A row a set, detector and kind of attack. */
export function detectionTable(given: unknown): string[] {
  if (given === undefined) return [];
  const { results, notes } = given as DetectionTable;
  const columns = Object.keys(results[0] ?? {}) as (keyof (typeof results)[number])[];
  const cell = (value: unknown): string => (typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toFixed(2)) : value === null ? '–' : String(value));
  return ['## Detection', '', `| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`, ...results.map((result) => `| ${columns.map((column) => cell(result[column])).join(' | ')} |`), '', ...notes.map((note) => `- ${note}`), ''];
}
