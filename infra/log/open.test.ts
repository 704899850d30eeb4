import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../config/load';
import { dataSection } from '../config/data';
import { openLog } from './open';
import { kafkaSection, logSection } from './settings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netweaver-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const configured = (...sets: string[]) => loadConfiguration({ sections: [dataSection, kafkaSection, logSection], environment: {}, sets: [`data.dir=${folder}`, ...sets] });

test('without brokers the log is the embedded one, in the folder `log` of data.dir', async () => {
  const log = await openLog(configured());
  expect(log.kind).toBe('embedded');
  expect(existsSync(join(folder, 'log', 'data.mdb'))).toBe(true);
  await expect(log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }])).resolves.toEqual(['t']);
  await log.close();
});

test('a folder that cannot be used is said with its code', async () => {
  await expect(openLog(configured('data.dir=/dev/null'))).rejects.toMatchObject({ code: 'NW_LOG_UNREACHABLE' });
});
