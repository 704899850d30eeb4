import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSums } from './kafka';
import { cached } from './tools';

let folder: string;
const before = process.env.NETWEAVER_CACHE;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netweaver-dev-'));
  process.env.NETWEAVER_CACHE = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env.NETWEAVER_CACHE;
  else process.env.NETWEAVER_CACHE = before;
});

describe('what is fetched', () => {
  test('a jar that is missing, changed or unknown is refused', () => {
    expect(() => checkSums(folder)).toThrow(expect.objectContaining({ code: 'NW_DEV_CHECKSUM', message: expect.stringContaining('is missing') }));
    const expected = { 'a.jar': 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' }; // SHA-256 of "a"
    const list = join(folder, 'list');
    writeFileSync(list, Object.entries(expected).map(([jar, sum]) => `${sum}  ${jar}\n`).join(''));
    const jars = mkdtempSync(join(folder, 'jars'));
    writeFileSync(join(jars, 'a.jar'), 'a');
    expect(() => checkSums(jars, list)).not.toThrow();
    writeFileSync(join(jars, 'a.jar'), 'b');
    expect(() => checkSums(jars, list)).toThrow(expect.objectContaining({ code: 'NW_DEV_CHECKSUM' }));
    writeFileSync(join(jars, 'a.jar'), 'a');
    writeFileSync(join(jars, 'more.jar'), 'a');
    expect(() => checkSums(jars, list)).toThrow(expect.objectContaining({ code: 'NW_DEV_CHECKSUM', message: expect.stringContaining('more.jar') }));
  });

  test('is kept when it is whole, and made again when making it failed', async () => {
    await expect(cached('thing', async (target) => {
      writeFileSync(join(target, 'half'), '');
      throw new Error('no network');
    })).rejects.toThrow('no network');
    let made = 0;
    const make = async (target: string): Promise<void> => {
      made++;
      writeFileSync(join(target, 'whole'), '');
    };
    expect(await cached('thing', make)).toBe(join(folder, 'thing'));
    await cached('thing', make);
    expect(made).toBe(1);
  });
});
