/** What every processor makes of a fixed course of traffic, against the files in `testdata/`. Meant changes: `npm run generate:golden`. */
import { readFileSync } from 'node:fs';
import { hasRuntime } from '../infra/inference/testing/folder';
import { CALM, goldenFile, goldenReplay, NEEDS_MODELS, type Golden, type Manner } from './runtime/testing/golden';
import { TOPOLOGY } from './topology';

/** Those of models only where onnxruntime-node can be loaded. */
const RUN = TOPOLOGY.map(({ name }) => name).filter((name) => hasRuntime || !NEEDS_MODELS.has(name));
const kept = new Map(TOPOLOGY.map(({ name }) => [name, JSON.parse(readFileSync(goldenFile(name), 'utf8')) as Golden]));

describe.each<[string, Manner]>([
  ['in one transaction', CALM],
  ['record by record', { commitEvery: 1, checkpointEvery: 1, restartEvery: 0 }],
  ['in batches of seven, with rare checkpoints', { commitEvery: 7, checkpointEvery: 5, restartEvery: 0 }],
  ['with a restart in the middle of every batch', { commitEvery: 6, checkpointEvery: 4, restartEvery: 11 }],
])('a golden replay %s', (_, manner) => {
  const replay = goldenReplay(manner);

  test.each(RUN)('of %s gives what it always gave', (name) => {
    expect(replay.get(name)).toEqual(kept.get(name));
  });
});

test('every processor puts something out on every one of its topics', () => {
  for (const { name, outputs } of TOPOLOGY) expect(Object.keys(kept.get(name)!)).toEqual(expect.arrayContaining(outputs.map((topic) => topic.name)));
});
