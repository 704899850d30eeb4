import type { Command } from 'commander';
import { runInForeground } from '../hosting/foreground';

/** `netweaver process`: the role as a process of its own. */
export function register(program: Command): void {
  program
    .command('process')
    .description('Runs the processors: removes duplicates, aggregates.')
    .action((_options: unknown, command: Command) => runInForeground('process', command));
}
