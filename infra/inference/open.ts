import type { Configuration } from '../config/configuration';
import { NetWeaverError } from '../errors';
import { InferenceHost } from './host';
import type { Models } from './model';
import { SHIPPED } from './registry';
import { modelsSection } from './settings';

/** Folders of models by a configuration: what is shipped, then the others. */
export const modelFolders = (config: Configuration): string[] => [SHIPPED, ...config.get(modelsSection).folders];

const hosts = new Map<string, InferenceHost>();

/** The models of a configuration. All that ask with the same one share a host, and so a thread; it costs nothing until a model is opened. */
export function openModels(config: Configuration): InferenceHost {
  const { waitMs } = config.get(modelsSection);
  const folders = modelFolders(config);
  const key = JSON.stringify([folders, waitMs]);
  let host = hosts.get(key);
  if (host === undefined) hosts.set(key, (host = new InferenceHost({ folders, waitMs })));
  return host;
}

/** Where there are no models. */
export const NO_MODELS: Models = {
  open(name) {
    throw new NetWeaverError('NW_MODEL_UNKNOWN', `${name}: there are no models here.`);
  },
};
