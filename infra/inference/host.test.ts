/** Models are loaded by their cards, proven, and run in a thread of their own; what is wrong with one has a code. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetWeaverError } from '../errors';
import { InferenceHost } from './host';
import { findModels, SHIPPED } from './registry';
import { hasRuntime, SMALL_FEATURES, writeModel } from './testing/folder';

const whenRuntime = hasRuntime ? describe : describe.skip;

const row = (values: Partial<Record<(typeof SMALL_FEATURES)[number], number>>): number[] => SMALL_FEATURES.map((name) => values[name] ?? 0);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof NetWeaverError) return error.code;
    throw error;
  }
  return 'none';
};

whenRuntime('the host, where onnxruntime-node can be loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-models-'));
  const host = new InferenceHost({ folders: [folder], waitMs: 30_000 });
  afterAll(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  test('a model gives an output a row, in their order, however many there are', () => {
    writeModel(folder, 'small');
    const model = host.open('small');
    for (const rows of [1, 3, 2500]) {
      const input = Float32Array.from(Array.from({ length: rows }, (_, i) => row({ udpShare: i / 4 })).flat());
      const [errors, residuals] = model.run(rows, input);
      expect([errors.length, residuals.length]).toEqual([rows, 10 * rows]);
      expect([errors[0], errors[rows - 1], residuals[10 * rows - 5]]).toEqual([0, (rows - 1) / 2, (rows - 1) / 2]);
    }
    expect(model.run(0, new Float32Array(0)).map(({ length }) => length)).toEqual([0, 0]);
  });

  test('the same rows give the same bytes', () => {
    writeModel(folder, 'small');
    const model = host.open('small');
    const input = Float32Array.from({ length: 2000 }, (_, i) => (i % 10 === 9 ? 0 : Math.sin(i)));
    const once = Buffer.from(model.run(200, input)[0].slice().buffer);
    expect(Buffer.from(model.run(200, input)[0].slice().buffer).equals(once)).toBe(true);
  });

  test('the highest version counts, a hash chooses among them', () => {
    const old = writeModel(folder, 'versions', { version: 1 });
    const young = writeModel(folder, 'versions', { version: 2, scale: SMALL_FEATURES.map(() => 3) });
    expect([host.open('versions').hash, host.open('versions', old.slice(0, 8)).hash]).toEqual([young, old]);
    expect(codeOf(() => host.open('versions', old.slice(0, 7)))).toBe('NW_MODEL_UNKNOWN');
  });

  test.each<[string, string, () => void]>([
    ['NW_MODEL_UNKNOWN', 'is nowhere', () => undefined],
    ['NW_MODEL_UNREADABLE', 'has a card that is not YAML', () => writeFileSync(join(folder, writeModel(folder, 'bad') && 'bad-1', 'card.yaml'), '{')],
    ['NW_MODEL_UNREADABLE', 'has a card without a field', () => void writeModel(folder, 'bad', { card: { features: undefined } })],
    ['NW_MODEL_UNREADABLE', 'has no file', () => { writeModel(folder, 'bad'); rmSync(join(folder, 'bad-1/model.onnx')); }],
    ['NW_MODEL_HASH', 'has another file than its card says', () => { writeModel(folder, 'bad'); writeFileSync(join(folder, 'bad-1/model.onnx'), 'another'); }],
    ['NW_MODEL_UNREADABLE', 'has a file that is no model', () => { writeModel(folder, 'bad', { card: { sha256: 'ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c' } }); writeFileSync(join(folder, 'bad-1/model.onnx'), 'The quick brown fox jumps over the lazy dog.'); }],
    ['NW_MODEL_SHAPE', 'has an output of another name', () => void writeModel(folder, 'bad', { error: 'mistake' })],
    ['NW_MODEL_SHAPE', 'takes more features than its card says', () => void writeModel(folder, 'bad', { width: 11, scale: Array.from({ length: 11 }, () => 1) })],
    ['NW_MODEL_FAILED', 'gives something else for its probe', () => void writeModel(folder, 'bad', { card: { probe: { tolerance: 1e-3, input: row({}), outputs: [[1], row({})] } } })],
  ])('%s: one that %s; others go on', (code, _, make) => {
    rmSync(join(folder, 'bad-1'), { recursive: true, force: true });
    make();
    writeModel(folder, 'small');
    const good = host.open('small');
    expect(codeOf(() => host.open('bad'))).toBe(code);
    expect(good.run(1, Float32Array.from(row({ udpShare: 4 })))[0][0]).toBe(8);
  });

  test('NW_MODEL_FAILED: a model that throws on its input; the next input is scored', () => {
    writeModel(folder, 'small');
    const model = host.open('small');
    expect(codeOf(() => model.run(1, Float32Array.from(row({ trend: 7 }))))).toBe('NW_MODEL_FAILED');
    expect(model.run(1, Float32Array.from(row({ udpShare: 1 })))[0][0]).toBe(2);
  });

  test('more models than are held in memory still serve', () => {
    const models = Array.from({ length: 20 }, (_, i) => {
      writeModel(folder, `one-of-${i}`, { scale: SMALL_FEATURES.map(() => i + 1) });
      return host.open(`one-of-${i}`);
    });
    expect(models.map((model) => model.run(1, Float32Array.from(row({ bytes: 1 })))[0][0])).toEqual(models.map((_, i) => i + 1));
  });

  test('NW_MODEL_TIMEOUT: no answer in time; afterwards models serve again', async () => {
    writeModel(folder, 'small');
    const hasty = new InferenceHost({ folders: [folder], waitMs: 0 });
    expect(codeOf(() => hasty.open('small'))).toBe('NW_MODEL_TIMEOUT');
    await hasty.close();
    expect(host.open('small').run(1, Float32Array.from(row({ udpShare: 1 })))[0][0]).toBe(2);
  });

  test('every model that is shipped is the one of its card, and gives for its probe what the card says', async () => {
    const shipped = new InferenceHost({ folders: [SHIPPED], waitMs: 60_000 });
    const found = findModels([SHIPPED]);
    expect(found.map(({ error }) => error)).toEqual(found.map(() => null));
    for (const { card } of found) expect(shipped.open(card!.name, card!.sha256).hash).toBe(card!.sha256);
    expect(found.map(({ card }) => card!.name)).toContain('autoencoder');
    await shipped.close();
  });

  test('a byte of a shipped model that is another is found', () => {
    cpSync(join(SHIPPED, 'autoencoder'), join(folder, 'copied'), { recursive: true });
    const path = join(folder, 'copied/model.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    expect(codeOf(() => host.open('autoencoder'))).toBe('NW_MODEL_HASH');
  });
});
