import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementsOf } from './elements';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-elements-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('collector.elementFiles and collector.extra', () => {
  test('nothing configured: the known elements, nothing beside the row', () => {
    const { elements, extra } = elementsOf({ elementFiles: [], extra: [] });
    expect([elements.name(0, 8), extra]).toEqual(['sourceIPv4Address', null]);
  });

  test('elements of a file may be asked for by name', () => {
    const path = file('acme.yaml', 'enterprise: 4242\nname: acme\nelements:\n  7: { name: tenant, type: string }\n');
    const { elements, extra } = elementsOf({ elementFiles: [path], extra: ['acme.tenant'] });
    expect(elements.name(4242, 7)).toBe('acme.tenant');
    expect(extra?.wants({ enterprise: 4242, id: 7, length: 4, scope: false }, false)).toBe(true);
  });

  test.each([
    ['a file that is not there', { elementFiles: [join(folder, 'none.yaml')], extra: [] }, 'none.yaml cannot be read: ENOENT'],
    ['a file that is wrong: with line and key', { elementFiles: [file('bad.yaml', 'enterprise: 4242\nname: acme\nelements:\n  7: { name: tenant, type: text }\n')], extra: [] }, 'bad.yaml, line 4: elements.7.type must be one of'],
    ['a name that means no element', { elementFiles: [], extra: ['acme.tenant'] }, 'collector.extra: acme.tenant is no element'],
  ])('%s', (_name, settings, message) => {
    const refused = (): unknown => elementsOf(settings);
    expect(refused).toThrow(expect.objectContaining({ code: 'NW_CONFIG_INVALID', message: expect.stringContaining(message) as string }) as Error);
  });
});
