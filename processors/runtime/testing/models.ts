/** Models for golden replays: small enough that every kind of CPU gives the same bits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceHost } from '../../../infra/inference/host';
import type { Models } from '../../../infra/inference/model';
import { writeModel } from '../../../infra/inference/testing/folder';
import { encodeModelDeployment } from '../../../schemas';
import { DRIVER_SCHEMA_ID } from '../driver';
import { HOUR } from './flows';

/** All are known of every subject. */
const FEATURES = ['bytes', 'packets', 'bytesOut', 'packetsOut', 'movingAverage', 'movingAverage', 'gap', 'gap', 'weekFraction', 'dayFraction'];

/** Records of models.deployed for every partition: the processor `score` takes many bytes for out of the ordinary, and its shadow many packets. */
export function deployments(partitions: number): { partition: number; key: Buffer; value: Buffer; timestampMs: number }[] {
  return Array.from({ length: partitions }, (_, partition) =>
    ['serving', 'shadow'].map((slot) => ({
      partition,
      key: Buffer.from(`score/${slot}`),
      value: encodeModelDeployment({ processor: 'score', slot, model: `golden-${slot}`, modelHash: '', time: HOUR, by: 'golden' }, DRIVER_SCHEMA_ID),
      timestampMs: HOUR,
    })),
  ).flat();
}

/** Calls `use` with those models. */
export function withModels<T>(use: (models: Models) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-golden-'));
  const host = new InferenceHost({ folders: [folder], waitMs: 60_000 });
  try {
    writeModel(folder, 'golden-serving', { features: FEATURES, scale: FEATURES.map((_, i) => (i === 0 ? 2 ** -20 : 0)), threshold: 8 });
    writeModel(folder, 'golden-shadow', { features: FEATURES, scale: FEATURES.map((_, i) => (i === 1 ? 2 ** -10 : 0)), threshold: 8 });
    return use(host);
  } finally {
    void host.close();
    rmSync(folder, { recursive: true });
  }
}
