import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { pages } from './generate-docs';
import { sections } from './sections';

test.each(Object.entries(pages()))('docs/%s is what the declarations say (npm run generate writes it)', (name, content) => {
  expect(readFileSync(join(ROOT, 'docs', name), 'utf8')).toBe(content);
});

test('every section that a component declares is listed', () => {
  const declared = ['topics', 'processors', 'connectors', 'infra', 'domain'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)(testing|examples)\//.test(file))
      .flatMap((file) => [...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(/= section\(\s*'([A-Za-z]+)'/g)].map((match) => match[1])),
  );
  expect(sections.map((section) => section.name).sort()).toEqual(declared.sort());
});

test('sections and keys have their own names and meanings', () => {
  expect(new Set(sections.map((section) => section.name)).size).toBe(sections.length);
  for (const section of sections) for (const key of Object.values(section.keys)) expect(key.doc).toMatch(/[.)]$/);
});

test.each(sections.flatMap((section) => Object.entries(section.keys).map(([name, key]) => [`${section.name}.${name}`, key] as const)))('the default of %s is allowed', (_name, key) => {
  expect(key.parse(key.default)).toEqual(key.default);
});
