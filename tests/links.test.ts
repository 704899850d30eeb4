/** The pages point at what is there, and name commands that there are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { COMMANDS } from '../bin/commands';
import { ROOT } from '../infra/root';

const pages = ['README.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('its links have targets', () => {
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1]);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });

  test('its commands exist', () => {
    const program = new Command('netweaver');
    for (const register of COMMANDS) register(program);
    const known = program.commands.map((command) => command.name());
    const named = [...text.matchAll(/(?:`|^)(?:bin\/)?netweaver ([a-z-]+)/gm)].map((match) => match[1]);
    expect(named.filter((name) => name !== 'help' && !known.includes(name))).toEqual([]);
  });
});
