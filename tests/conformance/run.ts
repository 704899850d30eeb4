/** `npm run conformance`: every capture of the collection beside the checkout against every oracle that it has. */
import { Comparison, used, type Outcome } from './compare';
import { available, decode, entries, FOLDER } from './capture';
import { EXPLANATIONS } from './differences';
import { compareLogstash } from './logstash';
import { compareNfdump, compareSummary } from './nfdump';
import { comparePmacct } from './pmacct';
import { compareTelegraf } from './telegraf';
import { compareTshark } from './tshark';
import { compareWalk } from './walk';

/** Compares one capture with all its oracles. */
export function compareCapture(entry: (typeof entries)[number]): Outcome[] {
  const decoded = decode(entry.file);
  const has = (suffix: string): boolean => entry.beside.some((name) => name.endsWith(suffix));
  const comparisons: Comparison[] = [compareWalk(entry, decoded)];
  // NetFlow v1 is refused.
  if (has('.nfdump.json') && !entry.file.includes('netflow-v1')) comparisons.push(compareNfdump(decoded));
  if (has('.nfdump-summary.json')) comparisons.push(compareSummary(decoded));
  if (has('.tshark.json') && !entry.file.startsWith('sflow/')) comparisons.push(compareTshark(decoded));
  for (const [suffix, compare] of [['.golden-logstash.json', compareLogstash], ['.golden-telegraf.out', compareTelegraf], ['.golden-pmacct.json', comparePmacct]] as const) {
    const comparison = has(suffix) ? compare(decoded) : null;
    if (comparison !== null) comparisons.push(comparison);
  }
  return comparisons.map(({ outcome }) => outcome);
}

function main(): void {
  if (!available) {
    console.error(`There is no collection of captures at ${FOLDER}.`);
    process.exit(2);
  }
  const outcomes = entries.flatMap(compareCapture);
  const rows = outcomes.map(({ capture, oracle, records, fields, equal, explained, different }) => ({ capture, oracle, records, fields, equal, explained, different: different.length }));
  console.table(rows);
  for (const { capture, different } of outcomes) for (const line of different.slice(0, 20)) console.log(`${capture} ${line}`);
  const sum = (name: 'records' | 'fields' | 'equal' | 'explained' | 'different', oracle?: string): number => rows.filter((row) => oracle === undefined || row.oracle === oracle).reduce((total, row) => total + row[name], 0);
  const oracles = [...new Set(rows.map(({ oracle }) => oracle))];
  console.table(oracles.map((oracle) => ({ oracle, captures: rows.filter((row) => row.oracle === oracle).length, records: sum('records', oracle), fields: sum('fields', oracle), equal: sum('equal', oracle), explained: sum('explained', oracle), different: sum('different', oracle) })));
  const idle = EXPLANATIONS.filter((explanation) => !used.has(explanation));
  for (const { oracle, fields, reason } of idle) console.log(`This explanation applies to nothing any more: ${oracle} ${fields.join(', ')}: ${reason}`);
  console.log(JSON.stringify({ conformance: Object.fromEntries(oracles.map((oracle) => [oracle, { fields: sum('fields', oracle), equal: sum('equal', oracle), explained: sum('explained', oracle), different: sum('different', oracle) }])) }));
  process.exit(sum('different') + idle.length > 0 ? 1 : 0);
}

if (require.main === module) main();
