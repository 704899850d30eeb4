import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetWeaverError } from '../errors';
import { loadConfiguration } from './load';
import { choice, flag, list, map, port, section, text, whole } from './section';

const collector = section('collector', 'Test.', {
  netflowPort: port({ doc: 'Port.', default: 2055 }),
  hosts: list({ doc: 'Hosts.', default: ['0.0.0.0'] }),
  sampling: map({ doc: 'Rates.', default: {}, name: 'exporters', of: whole({ doc: 'Rate.', default: 1, min: 1, max: 65535 }) }),
  mode: choice({ doc: 'Mode.', default: 'fast', of: ['fast', 'safe'] }),
  strict: flag({ doc: 'Strict.', default: false }),
});
const database = section('database', 'Test.', { url: text({ doc: 'Address.', default: '' }), password: whole({ doc: 'Pin.', default: 0, min: 0, max: 9999, secret: true }) });
const sections = [collector, database];

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nw-config-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const yaml = (content: string): string => {
  const path = join(folder, 'netweaver.yaml');
  writeFileSync(path, content);
  return path;
};
const failure = (use: () => unknown): NetWeaverError => {
  try {
    use();
  } catch (error) {
    if (error instanceof NetWeaverError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('the sources of configuration', () => {
  test('without any, every key has its default', () => {
    expect(loadConfiguration({ sections }).get(collector)).toEqual({ netflowPort: 2055, hosts: ['0.0.0.0'], sampling: {}, mode: 'fast', strict: false });
  });

  test('file under environment under command line', () => {
    const config = loadConfiguration({
      sections,
      path: yaml('collector:\n  netflowPort: 1\n  mode: safe\n  hosts: [a, b]\n  sampling:\n    10.0.0.1: 100\n'),
      environment: { NETWEAVER_COLLECTOR_NETFLOW_PORT: '2', NETWEAVER_COLLECTOR_STRICT: 'true' },
      sets: ['collector.netflowPort=3'],
    });
    expect(config.get(collector)).toEqual({ netflowPort: 3, hosts: ['a', 'b'], sampling: { '10.0.0.1': 100 }, mode: 'safe', strict: true });
    const origins = Object.fromEntries(config.effective().map((key) => [`${key.section}.${key.key}`, key.origin]));
    expect(origins).toMatchObject({
      'collector.netflowPort': '--set',
      'collector.mode': `${join(folder, 'netweaver.yaml')}:3`,
      'collector.strict': 'environment NETWEAVER_COLLECTOR_STRICT',
      'database.url': 'default',
    });
  });

  test('an empty file and an empty section change nothing', () => {
    expect(loadConfiguration({ sections, path: yaml('') }).get(collector).netflowPort).toBe(2055);
    expect(loadConfiguration({ sections, path: yaml('collector:\n') }).get(collector).netflowPort).toBe(2055);
  });

  test('the path of the file may come from the environment', () => {
    expect(loadConfiguration({ sections, environment: { NETWEAVER_CONFIG: yaml('collector: { netflowPort: 7 }') } }).get(collector).netflowPort).toBe(7);
  });

  test('what Kubernetes and the test run put into the environment is not configuration', () => {
    const environment = {
      NETWEAVER_COLLECTOR_NETFLOW_PORT: 'udp://10.0.0.1:2055',
      NETWEAVER_SINK_SERVICE_HOST: '10.0.0.1',
      NETWEAVER_SINK_SERVICE_PORT_METRICS: '9103',
      NETWEAVER_SINK_PORT: 'tcp://10.0.0.1:9103',
      NETWEAVER_SINK_PORT_9103_TCP_ADDR: '10.0.0.1',
      NETWEAVER_TEST_KAFKA: '127.0.0.1:9092',
    };
    expect(loadConfiguration({ sections, environment }).get(collector).netflowPort).toBe(2055);
  });
});

describe('an error names key, value, origin and what is allowed', () => {
  const file = (): string => join(folder, 'netweaver.yaml');
  test.each<[string, () => Parameters<typeof loadConfiguration>[0], string, () => string]>([
    ['a value out of range in the file', () => ({ sections, path: yaml('collector:\n  strict: true\n  netflowPort: 70000\n') }), 'NW_CONFIG_INVALID', () => `collector.netflowPort = 70000 (${file()}:3); allowed: a whole number from 0 to 65535.`],
    ['a wrong word in the environment', () => ({ sections, environment: { NETWEAVER_COLLECTOR_MODE: 'quick' } }), 'NW_CONFIG_INVALID', () => 'collector.mode = "quick" (environment NETWEAVER_COLLECTOR_MODE); allowed: one of fast, safe.'],
    ['a wrong type on the command line', () => ({ sections, sets: ['collector.strict=yes'] }), 'NW_CONFIG_INVALID', () => 'collector.strict = "yes" (--set); allowed: true or false.'],
    ['an empty value', () => ({ sections, path: yaml('collector:\n  netflowPort:\n') }), 'NW_CONFIG_INVALID', () => `collector.netflowPort = null (${file()}:2); allowed: a whole number from 0 to 65535.`],
    ['a secret, which is not shown', () => ({ sections, sets: ['database.password=hunter2'] }), 'NW_CONFIG_INVALID', () => 'database.password = the given value (secret, not shown) (--set); allowed: a whole number from 0 to 9999.'],
    ['a section that is a value', () => ({ sections, path: yaml('collector: 5\n') }), 'NW_CONFIG_INVALID', () => `collector = 5 (${file()}:1); allowed: keys of that section, indented below it.`],
    ['--set without a value', () => ({ sections, sets: ['collector.strict'] }), 'NW_CONFIG_INVALID', () => '--set collector.strict; allowed: section.key=value.'],
    ['a misspelt key in the file', () => ({ sections, path: yaml('collector:\n  netflowPrt: 1\n') }), 'NW_CONFIG_UNKNOWN_KEY', () => `collector.netflowPrt (${file()}:2); did you mean collector.netflowPort?`],
    ['a misspelt section in the file', () => ({ sections, path: yaml('colector:\n  netflowPort: 1\n') }), 'NW_CONFIG_UNKNOWN_KEY', () => `section colector (${file()}:1); did you mean collector?`],
    ['a key of another section', () => ({ sections, sets: ['collector.url=x'] }), 'NW_CONFIG_UNKNOWN_KEY', () => 'collector.url (--set); did you mean database.url?'],
    ['a misspelt variable', () => ({ sections, environment: { NETWEAVER_COLLECTOR_NETFLOWPORT: '1' } }), 'NW_CONFIG_UNKNOWN_KEY', () => 'environment variable NETWEAVER_COLLECTOR_NETFLOWPORT; did you mean NETWEAVER_COLLECTOR_NETFLOW_PORT?'],
    ['a name of the prototype', () => ({ sections, sets: ['collector.__proto__=1'] }), 'NW_CONFIG_UNKNOWN_KEY', () => 'collector.__proto__ (--set).'],
  ])('%s', (_name, sources, code, message) => {
    const error = failure(() => loadConfiguration(sources()));
    expect(error).toMatchObject({ code, exitCode: 2, message: message() });
  });

  test('a file that is not there, and one that is not YAML', () => {
    expect(failure(() => loadConfiguration({ sections, path: join(folder, 'absent.yaml') }))).toMatchObject({ code: 'NW_CONFIG_UNREADABLE', message: expect.stringContaining('absent.yaml') });
    expect(failure(() => loadConfiguration({ sections, path: yaml('a: [1\nb: 2\n') }))).toMatchObject({ code: 'NW_CONFIG_UNREADABLE', message: expect.stringContaining('line 2') });
    expect(failure(() => loadConfiguration({ sections, path: yaml('- a\n') }))).toMatchObject({ code: 'NW_CONFIG_UNREADABLE', message: expect.stringContaining('sections') });
  });

  test('all problems are reported at once', () => {
    const error = failure(() => loadConfiguration({ sections, sets: ['collector.mode=x', 'collector.nothing=1'] }));
    expect(error.message).toContain('collector.mode');
    expect(error.message).toContain('collector.nothing');
  });
});

describe('secrets and hashes', () => {
  test('a secret that is set is masked, one that is not set is seen to be empty', () => {
    const value = (sets: string[]): unknown => loadConfiguration({ sections, sets }).effective().find((key) => key.key === 'password')?.value;
    expect(value(['database.password=1234'])).toBe('***');
  });

  test('the hash follows the values, not their origin or order, and leaves secrets out', () => {
    const hash = (...sets: string[]): string => loadConfiguration({ sections, sets }).hash(collector, database);
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
    expect(hash('collector.netflowPort=2055')).toBe(hash());
    expect(hash('collector.netflowPort=2056')).not.toBe(hash());
    expect(hash('database.password=1234')).toBe(hash());
    const config = loadConfiguration({ sections });
    expect(config.hash(database, collector)).toBe(config.hash(collector, database));
  });

  test('a replaced value is seen by get, and the snapshot carries it', () => {
    const config = loadConfiguration({ sections, sets: ['collector.mode=safe'] }).with({ database: { url: 'postgres://x' } });
    expect(config.get(database).url).toBe('postgres://x');
    expect(config.snapshot()).toEqual({ collector: { mode: 'safe' }, database: { url: 'postgres://x' } });
  });
});
