import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { pages } from './generate-docs';
import { sections } from './sections';

test.each(Object.entries(pages()))('docs/%s is what the declarations say (npm run generate writes it)', (name, content) => {
  expect(readFileSync(join(ROOT, 'docs', name), 'utf8')).toBe(content);
});

test('sections and keys have their own names and meanings', () => {
  expect(new Set(sections.map((section) => section.name)).size).toBe(sections.length);
  for (const section of sections) for (const key of Object.values(section.keys)) expect(key.doc).toMatch(/[.)]$/);
});

test.each(sections.flatMap((section) => Object.entries(section.keys).map(([name, key]) => [`${section.name}.${name}`, key] as const)))('the default of %s is allowed', (_name, key) => {
  expect(key.parse(key.default)).toEqual(key.default);
});
