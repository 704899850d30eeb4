import type { Command } from 'commander';
import { runInForeground } from '../hosting/foreground';

/** `netweaver poll`: the role as a process of its own. */
export function register(program: Command): void {
  program
    .command('poll')
    .description('Asks devices for interfaces, counters and health by SNMP, and writes them to the log.')
    .action((_options: unknown, command: Command) => runInForeground('poll', command));
}
