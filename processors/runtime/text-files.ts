import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Configuration } from '../../infra/config/configuration';
import { NetWeaverError } from '../../infra/errors';
import type { Processor } from './processor';
import type { TaskSetting } from './task';

/**
 * The settings of a processor and their hash: in place of the name of each of its {@link Processor.files} what is in it, which the hash covers too.
 * @throws NW_CONFIG_UNREADABLE a file that cannot be read
 */
export function settingsOf({ section, files = [] }: Processor, config: Configuration): Pick<TaskSetting, 'settings' | 'configHash'> {
  const settings: Record<string, unknown> = { ...config.get(section) };
  const hash = createHash('sha256').update(config.hash(section));
  let read = false;
  for (const key of files) {
    const path = settings[key];
    if (typeof path !== 'string' || path === '') continue;
    try {
      settings[key] = readFileSync(path, 'utf8');
    } catch (error) {
      throw new NetWeaverError('NW_CONFIG_UNREADABLE', `${section.name}.${key}: ${(error as Error).message}.`, { cause: error });
    }
    hash.update(`${key}\0${String(settings[key])}`);
    read = true;
  }
  return { settings, configHash: read ? hash.digest('hex') : config.hash(section) };
}
