import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startReplay } from '../../connectors/sources/replay/replay';
import { sections } from '../../bin/sections';
import { openContext } from '../../bin/context';
import { loadConfiguration } from '../../infra/config/load';
import { startKafka, stopKafka } from '../../infra/dev/kafka';
import { startRegistry, stopRegistry } from '../../infra/dev/registry';
import { groupOf } from '../../processors/runtime/worker';
import { TOPOLOGY } from '../../processors/topology';
import { applyTopics, topicName } from '../../topics';
import { freeTcpPort, freeUdpPort, NETWEAVER, until } from '../support/stack';
import { ChaosDatabase } from './database';
import { loadOf, type KnownFlow } from './load';
import { Member } from './member';

/** A member of a group that is silent for this long has lost its partitions. */
export const SESSION_MS = 6000;
const DATAGRAMS_A_ROUND = 200;

/** How a world is made. */
export interface WorldOptions {
  /** Run before the program in the processors' processes: the deliberately broken variant. */
  readonly preload?: string;
}

/** NetWeaver on real servers, every part a process of its own: broker, registry, PostgreSQL, a collector, two processors and a third that comes and goes, a sink. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'netweaver-chaos-'));
  readonly collector: Member;
  readonly processors: readonly Member[];
  readonly sink: Member;
  /** All of them. */
  readonly members: readonly Member[];
  /** Flows of the rounds that were acknowledged. */
  readonly flows: KnownFlow[] = [];
  rounds = 0;
  resent = 0;
  private readonly configFile = join(this.folder, 'netweaver.yaml');
  private stopping = false;

  private constructor(
    readonly ports: { readonly kafka: number; readonly registry: number; readonly http: number; readonly netflow: number; readonly ipfix: number },
    readonly database: ChaosDatabase,
    registryUrl: string,
    { preload }: WorldOptions,
  ) {
    writeFileSync(this.configFile, stringify({
      data: { dir: join(this.folder, 'data') },
      kafka: { brokers: [`127.0.0.1:${ports.kafka}`], sessionTimeoutMs: SESSION_MS, transactionTimeoutMs: 10_000 },
      registry: { url: registryUrl },
      topics: { prefix: 'chaos.', flowPartitions: 4 },
      database: { url: database.url },
      collector: { netflowPort: ports.netflow, ipfixPort: ports.ipfix, sflowPort: -1, addresses: ['127.0.0.1'] },
      http: { collectPort: ports.http, processPort: 0, sinkPort: 0 },
      processing: { commitMs: 50, checkpointMs: 400, idleMs: 1500, pollRecords: 20 },
      aggregate: { graceMs: 3_600_000, idleMs: 4000, maxWindows: 1024 },
      sink: { flushMs: 100 },
      telemetry: { logLevel: 'warn' },
    }));
    mkdirSync(join(this.folder, 'data'));
    const member = (name: string, args: readonly string[], preload: readonly string[] = []): Member => new Member(name, [...preload, NETWEAVER, ...args, '--config', this.configFile], join(this.folder, `${name}.log`));
    const broken = preload === undefined ? [] : ['-r', preload];
    this.collector = member('collect', ['collect']);
    this.processors = ['0', '1', '2'].map((instance) => member(`process-${instance}`, ['process', '--set', `processing.instance=${instance}`], broken));
    this.sink = member('sink', ['sink']);
    this.members = [this.collector, ...this.processors, this.sink];
  }

  static async start(options: WorldOptions): Promise<World> {
    const [kafka, registry, http, netflow, ipfix] = await Promise.all([freeTcpPort(), freeTcpPort(), freeTcpPort(), freeUdpPort(), freeUdpPort()]);
    const ports = { kafka, registry, http, netflow, ipfix };
    const folder = mkdtempSync(join(tmpdir(), 'netweaver-chaos-data-'));
    const [, registryUrl, database] = await Promise.all([startKafka({ port: kafka, data: join(folder, 'kafka') }), startRegistry({ port: registry }), ChaosDatabase.start(folder)]);
    const world = new World(ports, database, registryUrl, options);
    await world.applied();
    world.wake();
    await until('the collector answers', async () => (await fetch(`${world.http}/readyz`)).ok, () => world.collector.output());
    return world;
  }

  /** Starts what is to run and does not: all but the third processor. */
  wake(): void {
    for (const member of this.members) if (member !== this.processors[2]) member.start();
  }

  get http(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** Configuration, log and registry, as the commands open them. */
  context(): ReturnType<typeof openContext> {
    return openContext(loadConfiguration({ sections, path: this.configFile, environment: {}, sets: ['telemetry.logLevel=silent'] }), 'cli');
  }

  /** Resolves when processors have come further than they were when it was called; where nothing moves, after so long. */
  async atWork(patienceMs: number): Promise<void> {
    const { config, log, close } = await this.context();
    const [group, topic] = [groupOf(TOPOLOGY[0].name, config), topicName(TOPOLOGY[0].input, config)];
    const place = async (): Promise<number> => [...(await log.admin.committed(group, topic)).values()].reduce((sum, next) => sum + next, 0);
    try {
      let began: number | undefined;
      for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(100)) {
        const now = await place().catch(() => undefined);
        if (began !== undefined && now !== undefined && now > began) return;
        began ??= now;
      }
    } finally {
      await close();
    }
  }

  /** Stops the broker, and starts it with what it has stored after so long. */
  async brokerAway(ms: number): Promise<void> {
    await stopKafka(this.ports.kafka);
    await sleep(ms);
    await startKafka({ port: this.ports.kafka, data: join(this.database.dataFolder, 'kafka') });
  }

  /** Sends rounds until told to end; every flow of a round that was acknowledged must be found at the end. */
  async send(until: () => boolean): Promise<void> {
    while (!until()) {
      const { pcap, flows, datagrams } = loadOf(this.rounds, DATAGRAMS_A_ROUND);
      const path = join(this.folder, `round-${this.rounds % 2}.pcap`);
      writeFileSync(path, pcap);
      const replay = startReplay({
        captures: [path],
        target: '127.0.0.1',
        ports: { netflow: this.ports.netflow, ipfix: this.ports.ipfix, sflow: this.ports.netflow },
        rate: 100,
        acknowledge: { url: `${this.http}/collector/acknowledged`, window: 60, timeoutMs: 3000, giveUpMs: 120_000 },
      });
      const { resent, datagrams: sent } = await replay.finished;
      if (sent !== datagrams) throw new Error(`the sender ended after ${sent} of ${datagrams} datagrams`);
      this.resent += resent;
      this.rounds++;
      for (const flow of flows) this.flows.push(flow);
    }
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await Promise.all(this.members.map((member) => member.destroy()));
    await Promise.all([this.database.stop(), stopKafka(this.ports.kafka), stopRegistry(this.ports.registry)]);
    for (const folder of [this.folder, this.database.dataFolder]) rmSync(folder, { recursive: true, force: true });
  }

  private async applied(): Promise<void> {
    const context = await this.context();
    await applyTopics(context.log, context.config);
    await context.close();
  }
}
