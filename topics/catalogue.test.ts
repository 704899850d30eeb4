import { LoadedConfiguration } from '../infra/config/load';
import { CATALOGUE, DEAD_LETTERS, FLOWS_RAW, INTERFACES_COUNTERS, TRAFFIC_BY_HOST } from './catalogue';
import { changelogOf, changelogSettings, subjectOf, topicName, topicSettings } from './names';
import { topicsSection } from './settings';

const configuration = (values: Record<string, unknown> = {}): LoadedConfiguration => new LoadedConfiguration([topicsSection], { topics: values });

describe('the catalogue', () => {
  test('has each topic once, with words for everything', () => {
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
    for (const topic of CATALOGUE) {
      expect(topic.name).toMatch(/^[a-z]+([.-][a-z-]+)?$/);
      for (const text of [topic.holds, topic.key, topic.partitioning, topic.doc]) expect(text).not.toBe('');
      expect(topic.writers.length).toBeGreaterThan(0);
      expect(topic.readers.length).toBeGreaterThan(0);
    }
  });

  test('names the schema by which a topic is read', () => {
    const { name, namespace } = JSON.parse(FLOWS_RAW.record.schema) as { name: string; namespace: string };
    expect(FLOWS_RAW.record.name).toBe(`${namespace}.${name}`);
  });
});

describe('topics under a configuration', () => {
  test('have four partitions for flows and traffic, two for counters, one for the rest', () => {
    expect([FLOWS_RAW, TRAFFIC_BY_HOST, INTERFACES_COUNTERS, DEAD_LETTERS].map((topic) => topicSettings(topic, configuration()).partitions)).toEqual([4, 4, 2, 1]);
    expect(topicSettings(FLOWS_RAW, configuration({ flowPartitions: 16 })).partitions).toBe(16);
  });

  test('keep flows by time and size, the rest by time', () => {
    const config = configuration({ flowRetentionHours: 2, flowRetentionMiB: 3, retentionHours: 5 });
    expect(topicSettings(FLOWS_RAW, config)).toEqual({ name: 'flows.raw', partitions: 4, cleanup: 'delete', retentionMs: 7_200_000, retentionBytes: 3_145_728 });
    expect(topicSettings(DEAD_LETTERS, config)).toMatchObject({ retentionMs: 18_000_000, retentionBytes: -1 });
    expect(topicSettings(FLOWS_RAW, configuration({ flowRetentionHours: -1, flowRetentionMiB: -1 }))).toMatchObject({ retentionMs: -1, retentionBytes: -1 });
  });

  test('carry the prefix, and so do changelogs and subjects', () => {
    const config = configuration({ prefix: 'lab.' });
    expect(topicName(FLOWS_RAW, config)).toBe('lab.flows.raw');
    expect(subjectOf(topicName(FLOWS_RAW, config))).toBe('lab.flows.raw-value');
    expect(changelogOf('dedup', 'seen', config)).toBe('lab.changelog.dedup.seen');
    expect(changelogSettings('dedup', 'seen', 4, config)).toEqual({ name: 'lab.changelog.dedup.seen', partitions: 4, cleanup: 'compact' });
  });

  test.each(['lab/', 'ü', 'a b', 'x'.repeat(245)])("refuse the prefix '%s', naming the key", (prefix) => {
    expect(() => topicName(FLOWS_RAW, configuration({ prefix }))).toThrow(expect.objectContaining({ code: 'NW_CONFIG_INVALID', message: expect.stringContaining('topics.prefix') as string }) as Error);
  });
});
