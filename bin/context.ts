import type { Command } from 'commander';
import { loadConfiguration, type LoadedConfiguration } from '../infra/config/load';
import { openLog } from '../infra/log/open';
import type { Log } from '../infra/log/log';
import { openRegistry } from '../infra/registry/open';
import type { SchemaRegistry } from '../infra/registry/registry';
import { openTelemetry, type OpenTelemetry } from '../infra/telemetry/open';
import { reportError } from './output';
import { sections } from './sections';

/** What a command works with. */
export interface CommandContext {
  readonly config: LoadedConfiguration;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly telemetry: OpenTelemetry;
}

/** The configuration by the options --config and --set, the environment and the file. @throws as {@link loadConfiguration} */
export function loadConfig(command: Command): LoadedConfiguration {
  const { config, set } = command.optsWithGlobals<{ config?: string; set?: string[] }>();
  return loadConfiguration({ sections, path: config, environment: process.env, sets: set });
}

/** Opens log, registry and telemetry by a configuration; what was opened is closed where a later one fails. */
export async function openContext(config: LoadedConfiguration, role: string, worker?: number): Promise<CommandContext & { close(): Promise<void> }> {
  const telemetry = openTelemetry(config, role, worker);
  const opened: { close(): Promise<void> }[] = [telemetry];
  const close = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
    opened.length = 0;
  };
  try {
    const log = await openLog(config);
    opened.push(log);
    const registry = await openRegistry(config);
    opened.push(registry);
    return { config, log, registry, telemetry, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs a command's work with everything open and closes it after; prints a coded error and sets the exit code where it fails. */
export async function withContext(command: Command, use: (context: CommandContext) => Promise<void>): Promise<void> {
  try {
    const context = await openContext(loadConfig(command), 'cli');
    try {
      await use(context);
    } finally {
      await context.close();
    }
  } catch (error) {
    reportError(error);
  }
}
