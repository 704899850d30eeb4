import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INTERFACES_COUNTERS, INTERFACES_STATE, topicSettings } from '../../../topics';
import { openProcessing } from '../testing/processing';

test('a processor whose topics do not have the same number of partitions does not start, and says which', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-unlike-'));
  const processing = await openProcessing(folder, ['processing.processors=interface-rates']);
  const { admin } = processing.log;
  const settings = (topic: typeof INTERFACES_COUNTERS | typeof INTERFACES_STATE, partitions: number): Promise<string[]> => admin.createTopics([{ ...topicSettings(topic as never, processing.context.config), partitions }]);
  await settings(INTERFACES_COUNTERS, 3);
  await settings(INTERFACES_STATE, 2);
  const role = processing.role(() => undefined);
  await expect(role.start()).rejects.toMatchObject({ code: 'NW_INPUTS_UNLIKE', message: 'interface-rates joins interfaces.counters (3 partitions) with interfaces.state (2 partitions).' });
  await role.drain();
  await processing.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);
