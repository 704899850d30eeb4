import { InvalidArgumentError, Option, type Command } from 'commander';
import { GROUPINGS, interfaceRates, namedInterfaces, readOnly, topTalkers, UNITS, type Grouping, type Span, type Unit } from '../../connectors/sinks/timescale/queries';
import type { Configuration } from '../../infra/config/configuration';
import { openDatabase, type Database } from '../../infra/database/open';
import { databaseSection } from '../../infra/database/settings';
import { loadConfig } from '../context';
import { printRows, reportError } from '../output';

interface TopOptions {
  readonly by: readonly Grouping[];
  readonly last: Span;
  readonly limit: number;
  readonly unit: Unit;
  readonly json?: boolean;
}

interface InterfacesOptions {
  readonly like: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface RatesOptions {
  readonly last: Span;
  readonly limit: number;
  readonly json?: boolean;
}

interface SqlOptions {
  readonly limit: number;
  readonly json?: boolean;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `5m` → 300000. */
export function parseSpan(text: string): Span {
  if (text === 'all') return 'all';
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match === null || Number(match[1]) === 0) throw new InvalidArgumentError('It must be a number with s, m, h or d, e.g. 5m, or all.');
  return Number(match[1]) * UNIT_MS[match[2]];
}

/** `src,dst` → the groupings. */
export function parseGroupings(text: string): Grouping[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(GROUPINGS, name));
  if (unknown !== undefined || new Set(names).size !== names.length) throw new InvalidArgumentError(`It must be some of ${Object.keys(GROUPINGS).join(', ')}, each once, with commas between.`);
  return names as Grouping[];
}

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 100_000) throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
  return number;
};

/** `netweaver query`: what is in the database, as a table or JSON lines. */
export function register(program: Command): void {
  const query = program.command('query').description('Looks into the database.');
  query
    .command('top')
    .description('The largest groups of flows; bytes and packets are scaled by the sampling rate.')
    .requiredOption('--by <fields>', `some of ${Object.keys(GROUPINGS).join(', ')}`, parseGroupings)
    .option('--last <span>', 'flows that ended so long ago at most, e.g. 90s, 5m, 2h, 7d, or all (for old captures)', parseSpan, 300_000)
    .option('--limit <n>', 'how many groups', count, 20)
    .addOption(new Option('--unit <unit>', 'what they are ordered by').choices([...UNITS]).default('bytes'))
    .option('--json', 'JSON lines instead of a table')
    .action((options: TopOptions, command: Command) =>
      withDatabase(command, async ({ pool }) => printRows(await topTalkers(pool, options), { json: options.json ?? false, columns: [...options.by, ...UNITS] })),
    );
  query
    .command('interfaces')
    .description('Interfaces with their names, speed and status, and who told them.')
    .option('--like <text>', 'those with this in the name, address or description of device or interface', '')
    .option('--limit <n>', 'how many', count, 1000)
    .option('--json', 'JSON lines instead of a table')
    .action((options: InterfacesOptions, command: Command) =>
      withDatabase(command, async ({ pool }) => printRows((await namedInterfaces(pool, options)).map((one) => ({ ...one })), { json: options.json ?? false, columns: ['exporter', 'exporterName', 'ifIndex', 'ifName', 'alias', 'description', 'speed', 'adminUp', 'operUp', 'namedBy'] })),
    );
  query
    .command('rates')
    .description('What interfaces carried in the newest minute, by flows, and which share of their speed that is.')
    .option('--last <span>', 'a minute that began so long ago at most, e.g. 10m', parseSpan, 600_000)
    .option('--limit <n>', 'how many', count, 50)
    .option('--json', 'JSON lines instead of a table')
    .action((options: RatesOptions, command: Command) =>
      withDatabase(command, async ({ pool }) =>
        printRows(
          (await interfaceRates(pool, options)).map(({ direction, ...rate }) => ({ ...rate, direction: direction === 0 ? 'in' : 'out' })),
          { json: options.json ?? false, columns: ['exporter', 'exporterName', 'ifIndex', 'ifName', 'alias', 'direction', 'bitsPerSecond', 'packetsPerSecond', 'utilisationPercent', 'time'] },
        ),
      ),
    );
  query
    .command('sql <statement>')
    .description('One statement, in a read-only transaction, within database.statementTimeoutMs.')
    .option('--limit <n>', 'how many rows at most', count, 1000)
    .option('--json', 'JSON lines instead of a table')
    .action((statement: string, options: SqlOptions, command: Command) =>
      withDatabase(command, async ({ pool }) => {
        const { rows, columns, more } = await readOnly(pool, statement, options.limit);
        printRows(rows, { json: options.json ?? false, columns });
        if (more) process.stderr.write(`There are more rows than ${options.limit}; --limit takes more of them.\n`);
      }),
    );
}

/** Opens the configured database, or the embedded one, for `use`; prints a coded error and sets the exit code where it fails. */
async function withDatabase(command: Command, use: (database: Database) => Promise<void>): Promise<void> {
  try {
    const config: Configuration = loadConfig(command);
    const { statementTimeoutMs } = config.get(databaseSection);
    const database = await openDatabase(config, { applicationName: 'netweaver-query', statementTimeoutMs, owner: false });
    try {
      await use(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    reportError(error);
  }
}
