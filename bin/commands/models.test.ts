/** `netweaver models`: what there is, whether it is what its card says, and which of them are in use. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRuntime, writeModel } from '../../infra/inference/testing/folder';
import { loadConfiguration } from '../../infra/config/load';
import { openLog } from '../../infra/log/open';
import { decodeModelDeployment } from '../../schemas';
import { sections } from '../sections';
import * as models from './models';
import { runCommand, type Outcome } from './testing/run';
import * as topics from './topics';

const whenRuntime = hasRuntime ? describe : describe.skip;

whenRuntime('netweaver models, where onnxruntime-node can be loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-models-'));
  const own = join(folder, 'models');
  const sets = [`data.dir=${join(folder, 'data')}`, `models.folders=${own}`];
  const netweaver = (...words: string[]): Promise<Outcome> => runCommand([models.register, topics.register], sets, ...words);
  const hash = writeModel(own, 'small');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Records of models.deployed: partition, key, model; null: taken back. */
  async function deployed(): Promise<string[]> {
    const log = await openLog(loadConfiguration({ sections, environment: {}, sets }));
    const reader = await log.reader();
    const found: string[] = [];
    for (const { partition, begin, end } of await reader.bounds('models.deployed')) {
      for await (const { key, value } of reader.read({ topic: 'models.deployed', partition }, begin, end)) found.push(`${partition} ${key} ${value === null ? null : decodeModelDeployment(value).modelHash}`);
    }
    await reader.close();
    await log.close();
    return found;
  }

  test('list has the shipped ones and your own; show gives the card', async () => {
    const { lines } = await netweaver('models', 'list', '--json');
    expect(lines.map((line) => (JSON.parse(line) as { model: string }).model)).toEqual(expect.arrayContaining(['autoencoder', 'lstm', 'small']));
    expect((await netweaver('models', 'show', 'small')).lines).toContain(`sha256: ${hash}`);
    expect((await netweaver('models', 'show', 'none')).error).toMatch('NW_MODEL_UNKNOWN');
  });

  test('verify finds the one that is not what its card says, and ends with 1', async () => {
    expect(await netweaver('models', 'verify', 'small')).toMatchObject({ code: 0 });
    writeModel(own, 'bad');
    writeFileSync(join(own, 'bad-1/model.onnx'), 'another');
    const { code, lines } = await netweaver('models', 'verify', '--json');
    expect(code).toBe(1);
    expect(lines.map((line) => JSON.parse(line) as { model: string; result: string }).filter(({ result }) => result.startsWith('NW_')).map(({ model, result }) => [model.split('@')[0], result])).toEqual([['bad', 'NW_MODEL_HASH']]);
  });

  test('deploy writes to every partition, withdraw takes it back; what cannot be used is not written', async () => {
    expect((await netweaver('models', 'deploy', 'small', '--to', 'score')).error).toMatch('NW_TOPIC_MISSING');
    await netweaver('topics', 'apply');
    expect((await netweaver('models', 'deploy', 'bad', '--to', 'score')).error).toMatch('NW_MODEL_HASH');
    expect((await netweaver('models', 'deploy', `small@${hash.slice(0, 8)}`, '--to', 'score', '--shadow')).lines).toEqual([`score, shadow: small@${hash.slice(0, 8)}, from the next record on.`]);
    const once = await deployed();
    expect(once.length).toBeGreaterThan(0);
    expect(once).toEqual(once.map((_, partition) => `${partition} score/shadow ${hash}`));
    await netweaver('models', 'withdraw', '--to', 'score', '--shadow');
    expect((await deployed()).filter((line) => line.endsWith('null'))).toHaveLength(once.length);
  });

  test('compare, where nothing was told yet', async () => {
    expect((await netweaver('models', 'compare')).lines).toEqual(['Neither has told of anything.']);
  });
});
