import type { Command } from 'commander';
import { runInForeground } from '../hosting/foreground';

/** `netweaver collect`: the role as a process of its own. */
export function register(program: Command): void {
  program
    .command('collect')
    .description('Receives flow datagrams and writes them to the log.')
    .action((_options: unknown, command: Command) => runInForeground('collect', command));
}
