/** Folders of models for tests. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CARD, MODEL } from '../card';
import { reconstructionModel, type SmallModel } from './onnx-file';

/** Whether onnxruntime-node can be loaded on this machine. */
export const hasRuntime = ((): boolean => {
  try {
    createRequire(__filename)('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
})();

/** What a test says of a model. */
export interface GivenModel extends Partial<SmallModel> {
  readonly version?: number;
  readonly threshold?: number;
  readonly features?: readonly string[];
  /** Fields of the card that are to be others than the right ones. */
  readonly card?: Readonly<Record<string, unknown>>;
}

/** Features of the small models: the last of them makes the model throw where it is neither 0 nor 1. */
export const SMALL_FEATURES = ['bytes', 'packets', 'flows', 'meanDurationMs', 'tcpShare', 'udpShare', 'icmpShare', 'dayFraction', 'movingAverage', 'trend'] as const;

/** Writes a model with its card into a folder of `folder`; its hash. */
export function writeModel(folder: string, name: string, { version = 1, threshold = 1, scale = SMALL_FEATURES.map((feature) => (feature === 'udpShare' ? 2 : 0)), features = SMALL_FEATURES, card = {}, ...rest }: GivenModel = {}): string {
  const path = join(folder, `${name}-${version}`);
  mkdirSync(path, { recursive: true });
  const bytes = reconstructionModel({ scale, ...rest });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const input = SMALL_FEATURES.map(() => 0.5).with(9, 0);
  const residuals = input.map((value, i) => value * scale[i]);
  writeFileSync(join(path, MODEL), bytes);
  writeFileSync(
    join(path, CARD),
    stringify({
      name, version, task: 'reconstruction', sha256, opset: 17, input: { name: 'features', shape: [10] }, outputs: [{ name: 'error', shape: [] }, { name: 'residuals', shape: [10] }], features, windowMs: [60_000], threshold,
      probe: { tolerance: 1e-4, input, outputs: [[Math.max(...residuals)], residuals] },
      ...card,
    }),
  );
  return sha256;
}
