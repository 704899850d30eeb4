import type { Command } from 'commander';
import { runInForeground } from '../hosting/foreground';

/** `netweaver sink`: the role as a process of its own. */
export function register(program: Command): void {
  program
    .command('sink')
    .description('Writes what is on the log into the database, exactly once.')
    .action((_options: unknown, command: Command) => runInForeground('sink', command));
}
