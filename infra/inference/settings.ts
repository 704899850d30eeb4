import { list, section, whole } from '../config/section';

/** Keys of `models`. */
export const modelsSection = section('models', 'Models: where they lie and how they are run.', {
  folders: list({ doc: 'Folders of models beside those that are shipped: each holds a folder a model, with `card.yaml` and `model.onnx`.', default: [] }),
  waitMs: whole({ doc: 'Longest time that a processor waits for a model; then the model counts as failed. Unit: milliseconds.', default: 30_000, min: 100, max: 600_000 }),
});
