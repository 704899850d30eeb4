/** Policies as files, and the example of docs/paths.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../infra/errors';
import { NO_POLICY } from './policy';
import { readPolicies, writePolicies } from './policy-file';

const EXAMPLE = /```yaml\n(policies:[^]*?)```/.exec(readFileSync(join(__dirname, '../../docs/paths.md'), 'utf8'))![1];

test('the example of docs/paths.md says what it says', () => {
  const [voice, video, pairs] = readPolicies(EXAMPLE, 5);
  expect(voice).toEqual({
    ...NO_POLICY, name: 'voice', time: 5, priority: 100, sources: 'edge-*', targets: 'media-1,media-2', prefixes: '203.0.113.0/24', latencyWeight: 1, lossWeight: 0.5,
    utilisationWeight: 0.2, busyFrom: 0.7, busyUntil: 0.6, maxLatencyMs: 20, avoidLinks: 'sat-*', avoidRiskGroups: 'duct-7',
  });
  expect(video).toEqual({ ...NO_POLICY, name: 'video', time: 5, priority: 50, sources: 'studio', minBitsPerSecond: 1e9, includeDevices: 'core-?', paths: 3 });
  expect(pairs).toEqual({ ...NO_POLICY, name: 'pairs', time: 5, sources: 'dc-1', targets: 'dc-2', disjoint: 'risk-group' });
});

test('a file that was written is read as it was, and says no more than is needed', () => {
  const all = readPolicies(EXAMPLE, 7);
  expect(readPolicies(writePolicies(all), 7)).toEqual(all);
  expect(writePolicies([{ ...NO_POLICY, name: 'a', priority: 1 }])).toBe('policies:\n  a:\n    priority: 1\n');
  expect(readPolicies('{"policies": {"007": {"sources": "a", "targets": ["b", 12]}}}', 0)).toEqual([{ ...NO_POLICY, name: '007', sources: 'a', targets: 'b,12' }]);
  expect(readPolicies('policies:\n  bare:\n', 0)).toEqual([{ ...NO_POLICY, name: 'bare' }]);
});

test.each([
  ['a key that is none', 'policies:\n  a: { latency: 5 }', 'line 2, column 8: a has no latency; there are priority'],
  ['a key that is none, within', 'policies:\n  a:\n    avoid: { device: x }', 'line 3, column 14: avoid has no device; there are devices, links, riskGroups'],
  ['another list', 'rules: []', 'line 1, column 1: the file has no rules; there is policies'],
  ['a number that is none', 'policies:\n  a: { maxLatencyMs: fast }', 'line 2, column 22: maxLatencyMs is a number, not fast'],
  ['part of a whole number', 'policies:\n  a: { paths: 1.5 }', 'line 2, column 15: paths is a whole number, not 1.5'],
  ['a rate that is none', 'policies:\n  a: { minBandwidth: much }', 'line 2, column 22: minBandwidth is a rate as 10G or 64000, not much'],
  ['a number that cannot be', 'policies:\n  a: { weights: { loss: -1 } }', 'line 2, column 25: lossWeight is at least 0, not -1'],
  ['what does not go together', 'policies:\n  a: { include: { devices: [x] }, disjoint: link }', 'line 2, column 45: disjoint does not go with include'],
  ['a prefix that is none', 'policies:\n  a:\n    prefixes: [10.0.0.0/40]', 'line 3, column 15: prefixes 10.0.0.0/40 is no prefix'],
  ['a comma', 'policies:\n  a:\n    sources: ["x,y"]', 'line 3, column 15: sources has names without commas'],
  ['a map where names are', 'policies:\n  a: { sources: { x: 1 } }', 'line 2, column 17: sources is a list of names or patterns'],
  ['a name twice', 'policies:\n  a: {}\n  a: {}', 'line 3, column 3: Map keys must be unique'],
  ['a name that cannot be', 'policies:\n  a b: {}', 'line 2, column 3: name is letters'],
  ['no map', 'policies: [a]', 'line 1, column 11: policies is a map'],
  ['no YAML', 'policies: { a', 'line 1, column 14:'],
])('%s is an error with its place', (_, text, fault) => {
  let error: unknown;
  try {
    readPolicies(text, 0);
  } catch (thrown) {
    error = thrown;
  }
  expect(hasCode(error, 'NW_POLICY_INVALID')).toBe(true);
  expect((error as Error).message).toContain(fault);
});
