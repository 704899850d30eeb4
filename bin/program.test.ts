import { main } from './program';

/** Runs the command line; what it printed and its exit code. */
async function run(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  const printed = { out: '', err: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((part) => ((printed.out += String(part)), true)),
    jest.spyOn(process.stderr, 'write').mockImplementation((part) => ((printed.err += String(part)), true)),
  ];
  process.exitCode = 0;
  try {
    await main(argv);
    return { ...printed, code: Number(process.exitCode) };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
    process.exitCode = 0;
  }
}

describe('the command line', () => {
  test.each([
    ['an unknown command', ['colect'], "unknown command 'colect' (Did you mean collect?)"],
    ['an unknown option', ['config', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    ['a missing argument', ['topics', 'describe'], "missing required argument 'topic'"],
    ['no command', [], 'A subcommand is missing.'],
    ['a role that there is not', ['all', '--roles', 'collect,sinc'], "'sinc' is no role; there are collect, poll, topology, process, sink."],
  ])('%s is NW_USAGE, exit code 2', async (_name, argv, detail) => {
    const { err, code } = await run(...argv);
    expect(err).toMatch(/^NW_USAGE: /);
    expect(err).toContain(detail);
    expect(code).toBe(2);
  });

  test('help goes to standard output and is no failure', async () => {
    const { out, err, code } = await run('--help');
    expect(out).toContain('Usage: netweaver');
    expect(out).toContain('collect');
    expect([err, code]).toEqual(['', 0]);
  });

  test('every command says what it is for', async () => {
    const { out } = await run('--help');
    const commands = out.split('Commands:')[1].split('\n').filter((line) => /^ {2}\w/.test(line));
    expect(commands.length).toBeGreaterThan(5);
    for (const line of commands) if (!line.includes('help [command]')) expect(line.trim()).toMatch(/\s{2,}\S/);
  });
});

describe('netweaver config', () => {
  test('prints YAML that it reads again', async () => {
    const { out, code } = await run('config', '--set', 'http.allPort=24099');
    expect(code).toBe(0);
    expect(out).toContain('\nhttp:\n');
    expect(out).toContain('  allPort: 24099  # from --set\n');
    expect(out).toMatch(/\n {2}# Allowed: a whole number from 0 to 65535\. Default: 9100\. Environment: NETWEAVER_HTTP_ALL_PORT\n/);
    const { parse } = jest.requireActual<typeof import('yaml')>('yaml');
    expect(parse(out)).toEqual({ http: { allPort: 24099 } });
  });

  test('never prints a secret', async () => {
    const { out } = await run('config', '--json', '--set', 'database.url=postgres://nw:hunter2@db/nw');
    expect(out).not.toContain('hunter2');
    expect(out.split('\n').map((line) => (line === '' ? null : JSON.parse(line))).find((key) => key?.section === 'database' && key.key === 'url')).toMatchObject({ value: '***', origin: '--set' });
  });

  test('a wrong configuration is one message, exit code 2', async () => {
    const { err, code } = await run('config', '--set', 'http.allPrt=1');
    expect(err).toContain('NW_CONFIG_UNKNOWN_KEY: A configuration key does not exist. http.allPrt (--set); did you mean http.allPort?');
    expect(code).toBe(2);
  });
});
