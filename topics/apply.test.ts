import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadedConfiguration } from '../infra/config/load';
import { dataSection } from '../infra/config/data';
import type { Log } from '../infra/log/log';
import { openLog } from '../infra/log/open';
import { kafkaSection, logSection } from '../infra/log/settings';
import { applyTopics, catalogueSettings, planTopics } from './apply';
import { CATALOGUE } from './catalogue';
import { topicsSection } from './settings';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-topics-'));
const configuration = (topics: Record<string, unknown> = {}): LoadedConfiguration => new LoadedConfiguration([dataSection, kafkaSection, logSection, topicsSection], { data: { dir: folder }, topics });

describe('applying the catalogue to a log', () => {
  let log: Log;
  beforeAll(async () => {
    log = await openLog(configuration());
  });
  afterAll(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const actions = async (topics: Record<string, unknown>): Promise<string[]> => (await applyTopics(log, configuration(topics))).map(({ action }) => action);

  test('a plan changes nothing', async () => {
    const plan = await planTopics(log.admin, catalogueSettings(configuration()));
    expect(plan.every(({ action }) => action === 'create')).toBe(true);
    expect(await log.admin.listTopics()).toEqual([]);
  });

  test('creates what is missing, and then keeps it', async () => {
    expect(new Set(await actions({}))).toEqual(new Set(['create']));
    expect((await log.admin.listTopics()).map(({ name }) => name).sort()).toEqual(CATALOGUE.map(({ name }) => name).sort());
    expect(new Set(await actions({}))).toEqual(new Set(['keep']));
  });

  test('changes what differs: retention and, upwards, partitions', async () => {
    const plan = await applyTopics(log, configuration({ flowPartitions: 6, flowRetentionHours: 1 }));
    expect(plan[0]).toMatchObject({ topic: 'flows.raw', action: 'alter', detail: 'retentionMs 86400000 → 3600000; partitions 4 → 6' });
    expect((await log.admin.listTopics()).find(({ name }) => name === 'flows.raw')).toMatchObject({ partitions: 6, retentionMs: 3_600_000 });
  });

  test('leaves partitions that cannot be taken away, and still changes the rest', async () => {
    const plan = await applyTopics(log, configuration({ flowPartitions: 2, flowRetentionHours: 3 }));
    expect(plan[0].detail).toBe('retentionMs 3600000 → 10800000; its 6 partitions stay: they cannot be taken away');
    expect((await log.admin.listTopics()).find(({ name }) => name === 'flows.raw')).toMatchObject({ partitions: 6, retentionMs: 10_800_000 });
  });

  test('does not touch topics of others', async () => {
    await log.admin.createTopics([{ name: 'somebody.elses', partitions: 3, cleanup: 'compact' }]);
    await actions({});
    expect((await log.admin.listTopics()).find(({ name }) => name === 'somebody.elses')).toMatchObject({ partitions: 3, cleanup: 'compact' });
  });
});
