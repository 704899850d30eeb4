import type { Command } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import type { TrafficForecast } from '../../schemas';
import { TopicCodec, topicName, TRAFFIC_FORECASTS } from '../../topics';
import { withContext, type CommandContext } from '../context';
import { jsonLine, printRows, short } from '../output';

/** Subjects that an error names. */
const NAMED = 5;

/** `netweaver forecast`: what a subject is expected to carry. */
export function register(program: Command): void {
  program
    .command('forecast <subject>')
    .description('The last forecast of a host, interface or link at each horizon, with the interval that nine values in ten lie in; <subject> as on traffic.features, e.g. 192.0.2.1/3/out.')
    .option('--json', 'the whole forecast, one JSON object')
    .action((subject: string, { json = false }: { readonly json?: boolean }, command: Command) =>
      withContext(command, async (context) => {
        const forecast = await lastForecast(context, subject);
        if (json) return void process.stdout.write(`${jsonLine(forecast)}\n`);
        printRows(forecastRows(forecast), { json: false });
        process.stderr.write(`${aboutOf(forecast)}\n`);
      }),
    );
}

/** Reads the topic to its end. @throws NW_TOPIC_MISSING the topic; NW_USAGE no forecast of the subject on it */
async function lastForecast({ config, log, registry }: CommandContext, subject: string): Promise<TrafficForecast> {
  const topic = topicName(TRAFFIC_FORECASTS, config);
  if (!(await log.admin.listTopics()).some(({ name }) => name === topic)) throw new NetWeaverError('NW_TOPIC_MISSING', `'${topic}' is not on the log.`);
  const codec = TopicCodec.forReading(TRAFFIC_FORECASTS, registry);
  const reader = await log.reader();
  try {
    let last: Buffer | null = null;
    const others = new Set<string>();
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      for await (const { key, value } of reader.read({ topic, partition }, begin, end)) {
        if (key?.toString() === subject) last = value;
        else if (others.size < NAMED && key !== null) others.add(key.toString());
      }
    }
    if (last === null) throw new NetWeaverError('NW_USAGE', `There is no forecast of '${subject}'${others.size === 0 ? ', nor of anything else: five hours of windows are needed' : `; there are some of ${[...others].join(', ')}`}.`);
    return await codec.decode(last);
  } finally {
    await reader.close();
  }
}

const MINUTE_MS = 60_000;

const span = (ms: number): string => (ms < 60 * MINUTE_MS ? `${ms / MINUTE_MS} min` : `${ms / (60 * MINUTE_MS)} h`);

/** A row a horizon. */
export const forecastRows = ({ time, horizons }: TrafficForecast): Record<string, unknown>[] =>
  horizons.map(({ horizonMs, bitsPerSecond, p05, p50, p95 }) => {
    const rate = (bits: number): string => `${short(bits)}bit/s`;
    return { in: span(horizonMs), at: new Date(time + horizonMs).toISOString().slice(0, 16) + 'Z', expected: rate(bitsPerSecond), median: rate(p50), 'from (5 %)': rate(p05), 'to (95 %)': rate(p95) };
  });

/** What the forecast was made from, in words. */
export const aboutOf = ({ subject, time, model, modelHash, gaps }: TrafficForecast): string =>
  `${subject}: known up to ${new Date(time).toISOString()}${gaps > 0 ? `, ${gaps} of the last 60 windows missing` : ''}; model ${model} ${modelHash.slice(0, 8)}`;
