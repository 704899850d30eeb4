/** The examples of docs/topology.md are what they say they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopology } from '../../../domain/topology/read';
import { ROOT } from '../../../infra/root';
import { readFeedMessage } from './feed-messages';

const page = readFileSync(join(ROOT, 'docs/topology.md'), 'utf8');
const examples = (language: string): string[] => [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);

test('the file can be read', () => {
  const [text] = examples('yaml');
  const { elements, remarks } = readTopology('example.yaml', text);
  expect(elements.map(({ id }) => id)).toEqual(['r1', 'r2', 'r3', 'r1/eth0', 'r1:eth0--r2', 'spur']);
  expect(Object.keys(remarks)).toEqual(['latency-by-distance']);
});

test('the messages of a feed are taken whole', () => {
  const [snapshot, delta] = examples('json').map(readFeedMessage);
  expect(snapshot).toMatchObject({ type: 'snapshot', sequence: 41, timeMs: Date.parse('2026-01-02T03:04:05Z'), malformed: 0, duplicates: 0, elements: [{ id: 'r1' }, { id: 'r2' }, { id: 'r1--r2', riskGroups: 'duct-7' }] });
  expect(delta).toMatchObject({ type: 'delta', sequence: 42, timeMs: 1_767_323_046_000, malformed: 0, changes: [{ change: 'down', element: { id: 'r1--r2' } }] });
});
