import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { NetWeaverError } from '../infra/errors';
import { ROOT } from '../infra/root';
import { COMMANDS } from './commands';
import { reportError } from './output';

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The `netweaver` command with all its subcommands. */
export function program(): Command {
  const command = new Command('netweaver')
    .description('Network telemetry as an event log: flows in, deduplicated, aggregated, stored and looked at.')
    .option('--config <path>', 'configuration file (default: netweaver.yaml where there is one)')
    .option('--set <section.key=value>', 'one configuration value, over file and environment; may be repeated', collect, [])
    .version(version(), '--version')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const register of COMMANDS) register(command);
  for (const sub of command.commands) inherit(sub);
  return command;
}

/** Subcommands end the same way: by an exception, which {@link main} prints. */
function inherit(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const sub of command.commands) inherit(sub);
}

const version = (): string => (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** Runs the command line; every failure is one coded message on standard error and an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) reportError(error);
    else if (error.exitCode !== 0) reportError(usage(error));
  }
}

function usage(error: CommanderError): NetWeaverError {
  const detail = error.code === 'commander.help' ? 'A subcommand is missing.' : error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  return new NetWeaverError('NW_USAGE', detail);
}
