import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { EffectiveKey } from '../../infra/config/load';
import { loadConfig } from '../context';
import { jsonLine } from '../output';
import { sections } from '../sections';

/** `netweaver config`: every key with its meaning, what is allowed, its effective value and where that came from. */
export function register(program: Command): void {
  program
    .command('config')
    .description('Prints every configuration key with its meaning, what it may be, its value and where that came from. The output is a valid netweaver.yaml.')
    .option('--json', 'one JSON object a line')
    .action((options: { json?: boolean }, command: Command) => {
      const keys = loadConfig(command).effective();
      process.stdout.write(options.json === true ? keys.map((key) => jsonLine(key) + '\n').join('') : asYaml(keys));
    });
}

const wrapped = (text: string, width: number): string[] => {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
};

/** YAML with comments; keys at their default and secrets are commented out, so that the text can be used as a file. */
export function asYaml(keys: readonly EffectiveKey[]): string {
  const parts = ['# Every key of NetWeaver. A key that is commented out has the value shown by default, or is secret.\n'];
  for (const section of sections) {
    const own = keys.filter((key) => key.section === section.name);
    parts.push(`\n# ${section.doc}\n${own.some(isOpen) ? '' : '# '}${section.name}:\n`);
    for (const key of own) {
      parts.push(...wrapped(key.doc, 110).map((line) => `  # ${line}\n`));
      parts.push(`  # Allowed: ${key.allowed}. Default: ${inline(key.default)}. Environment: ${key.environment}\n`);
      parts.push(`  ${isOpen(key) ? '' : '# '}${key.key}: ${inline(key.value)}${key.origin === 'default' ? '' : `  # from ${key.origin}`}\n`);
    }
  }
  return parts.join('');
}

/** True where the line stands as a value, not as a comment. */
const isOpen = (key: EffectiveKey): boolean => key.origin !== 'default' && key.value !== '***';

const inline = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
