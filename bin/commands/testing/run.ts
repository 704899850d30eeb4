/** Runs command lines in this process, for tests. */
import { Command } from 'commander';
import { reportError } from '../../output';

/** What a command line did. */
export interface Outcome {
  readonly code: number;
  /** Lines of its standard output. */
  readonly lines: string[];
  /** Its standard error. */
  readonly error: string;
}

/** Runs a command line as `netweaver` would, under settings `section.key=value`; `commands` are the commands that there are. */
export async function runCommand(commands: readonly ((program: Command) => void)[], sets: readonly string[], ...words: string[]): Promise<Outcome> {
  const written = { out: '', error: '' };
  const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += String(text)), true));
  const error = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.error += String(text)), true));
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const program = new Command('netweaver').option('--config <path>').option('--set <value>', '', (value: string, values: string[]) => [...values, value], []).exitOverride();
    for (const register of commands) register(program);
    await program.parseAsync([...sets.flatMap((set) => ['--set', set]), ...words], { from: 'user' }).catch(reportError);
    return { code: Number(process.exitCode), lines: written.out.split('\n').filter(Boolean), error: written.error };
  } finally {
    process.exitCode = before;
    out.mockRestore();
    error.mockRestore();
  }
}
