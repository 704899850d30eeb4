/** The collector with a spool as a whole: Kafka away in the middle of a load, and at the start. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { netflow5 } from '../../../../domain/flow/fixtures';
import { dataSection } from '../../../../infra/config/data';
import { loadConfiguration, type LoadedConfiguration } from '../../../../infra/config/load';
import { startKafka, stopKafka } from '../../../../infra/dev/kafka';
import { NetWeaverError } from '../../../../infra/errors';
import type { Log, LogRecord } from '../../../../infra/log/log';
import { openLog } from '../../../../infra/log/open';
import { kafkaSection, logSection } from '../../../../infra/log/settings';
import { EmbeddedRegistry } from '../../../../infra/registry/embedded';
import type { SchemaRegistry } from '../../../../infra/registry/registry';
import type { Role } from '../../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../../infra/telemetry/open';
import { telemetrySection } from '../../../../infra/telemetry/settings';
import { decodeFlowBatch } from '../../../../schemas';
import { CATALOGUE } from '../../../../topics/catalogue';
import { topicSettings } from '../../../../topics/names';
import { topicsSection } from '../../../../topics/settings';
import { createCollector } from '../collector';
import { enrichSection } from '../enrichment';
import { collectorSection } from '../settings';
import type { SpoolState } from './spooled-producer';

const PORT = 21_210;
const FLOWS = 30;
const folder = mkdtempSync(join(tmpdir(), 'netweaver-away-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configOf = (data: string, ...sets: string[]): LoadedConfiguration =>
  loadConfiguration({
    sections: [dataSection, kafkaSection, logSection, topicsSection, telemetrySection, collectorSection, enrichSection],
    environment: {},
    sets: [`data.dir=${join(folder, data)}`, 'telemetry.logLevel=silent', 'topics.flowPartitions=3', 'collector.addresses=127.0.0.1', `collector.netflowPort=${PORT}`, `collector.ipfixPort=${PORT}`, 'collector.sflowPort=-1', 'collector.batchMs=20', 'collector.spoolAfterMs=300', ...sets],
  });

const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** A collector on a log, which may be another than the configuration's. */
class Running {
  readonly failed: Error[] = [];
  private readonly telemetry: OpenTelemetry;
  private readonly role: Role;

  constructor(config: LoadedConfiguration, log: Log, registry: SchemaRegistry) {
    this.telemetry = openTelemetry(config, 'collect');
    this.role = createCollector({ config, log, registry, telemetry: this.telemetry }, (error) => this.failed.push(error));
  }

  async start(): Promise<this> {
    await this.role.start();
    return this;
  }

  private async get<T>(path: string): Promise<T> {
    return (await this.role.routes!()[path]({ method: 'GET', path, query: {}, body: '' })).body as T;
  }

  readonly spool = (): Promise<SpoolState> => this.get('/collector/spool');
  readonly acknowledged = (): Promise<{ received: number; acknowledged: number }> => this.get('/collector/acknowledged');
  readonly settled = (datagrams: number): Promise<void> => until(async () => (await this.acknowledged()).acknowledged === datagrams);

  async stop(): Promise<void> {
    await this.role.drain();
    await this.telemetry.close();
  }
}

/** Sends datagrams numbered from `from` on, a few a millisecond. */
async function send(from: number, datagrams: number): Promise<void> {
  const socket = createSocket('udp4');
  for (let i = from; i < from + datagrams; i++) {
    const flows = Array.from({ length: FLOWS }, (_, j) => ({ src: `10.${i >> 8}.${i & 255}.${j}`, dst: '198.51.100.7', srcPort: 1000 + j, dstPort: 443 }));
    await new Promise<void>((resolve, reject) => socket.send(netflow5(flows, { sequence: i * FLOWS }), PORT, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    if (i % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  socket.close();
}

/** What lies on flows.raw: flows, those of datagrams that came twice left out, and whether datagrams stand in their order in every partition by their first coming. */
async function found(log: Log): Promise<{ flows: number; ordered: boolean }> {
  const reader = await log.reader();
  let flows = 0;
  let ordered = true;
  for (const { partition, begin, end } of await reader.bounds('flows.raw')) {
    const records: LogRecord[] = [];
    for await (const record of reader.read({ topic: 'flows.raw', partition }, begin, end)) records.push(record);
    const seen = new Set<number>();
    const sequences = records.flatMap(({ value }) => {
      const batch = decodeFlowBatch(value!);
      const fresh = batch.datagrams.map(({ sequence }) => !seen.has(sequence));
      flows += batch.flows.filter(({ datagram }) => fresh[datagram]).length;
      return batch.datagrams.filter(({ sequence }) => !seen.has(sequence) && seen.add(sequence)).map(({ sequence }) => sequence);
    });
    ordered &&= sequences.every((sequence, i) => i === 0 || sequence > sequences[i - 1]);
  }
  await reader.close();
  return { flows, ordered };
}

const unreachable = (): never => {
  throw new NetWeaverError('NW_LOG_UNREACHABLE', 'nobody there');
};

describe('a collector that starts while its log is away', () => {
  /** A log that calls itself Kafka, so that it has a spool, and is there when told. */
  const posing = (log: Log, there: () => boolean): Log =>
    new Proxy(log, {
      get: (target, name) => {
        if (name === 'kind') return 'kafka';
        if (name === 'admin') return new Proxy(target.admin, { get: (admin, of) => (there() ? (Reflect.get(admin, of, admin) as () => unknown).bind(admin) : unreachable) });
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (...args: unknown[]) => (there() ? (value as (...all: unknown[]) => unknown).apply(target, args) : unreachable()) : value;
      },
    });

  test('says what it lacks where no earlier run left it; else it collects into the spool, and delivers when the log comes', async () => {
    const config = configOf('posing');
    const log = await openLog(config);
    const registry = new EmbeddedRegistry(join(folder, 'posing', 'registry'));
    await log.admin.createTopics(CATALOGUE.map((topic) => topicSettings(topic, config)));
    let there = false;
    const make = (): Running => new Running(config, posing(log, () => there), registry);
    await expect(make().start()).rejects.toMatchObject({ code: 'NW_LOG_UNREACHABLE', message: expect.stringContaining('No earlier run') });

    there = true;
    await (await make().start()).stop();
    there = false;
    const running = await make().start();
    await send(0, 40);
    await running.settled(40);
    expect((await running.spool()).unread.flows).toBe(40 * FLOWS);
    expect((await found(log)).flows).toBe(0);
    there = true;
    await until(async () => !(await running.spool()).active);
    await running.stop();
    expect(await found(log)).toEqual({ flows: 40 * FLOWS, ordered: true });
    expect(running.failed).toEqual([]);
    await registry.close();
    await log.close();
  }, 60_000);
});

const withKafka = process.env.NETWEAVER_TEST_KAFKA !== undefined;
(withKafka ? describe : describe.skip)(`Kafka that stops in the middle of a load${withKafka ? '' : ' (left out: NETWEAVER_TEST_KAFKA is not set; it starts a broker of its own)'}`, () => {
  const port = 21_292;

  test('comes back, and has every flow, in order; a collector that was stopped meanwhile lost nothing', async () => {
    const data = join(folder, 'broker');
    const bootstrap = await startKafka({ port, data });
    const config = configOf('real', `kafka.brokers=${bootstrap}`);
    const registry = new EmbeddedRegistry(join(folder, 'real', 'registry'));
    try {
      const log = await openLog(config);
      await log.admin.createTopics(CATALOGUE.map((topic) => topicSettings(topic, config)));
      const first = await new Running(config, log, registry).start();
      await send(0, 200);
      await stopKafka(port);
      await send(200, 600);
      await first.settled(800);
      expect((await first.spool()).written.flows).toBeGreaterThan(0);
      await first.stop();
      await log.close();

      const again = await openLog(config);
      const second = await new Running(config, again, registry).start();
      await send(800, 100);
      await second.settled(100);
      await startKafka({ port, data });
      await send(900, 100);
      await until(async () => !(await second.spool()).active);
      await second.settled(200);
      await second.stop();
      await again.close();

      const reading = await openLog(config);
      const { flows, ordered } = await found(reading);
      await reading.close();
      expect({ flows, ordered }).toEqual({ flows: 1000 * FLOWS, ordered: true });
    } finally {
      await stopKafka(port);
      await registry.close();
    }
  }, 180_000);
});
