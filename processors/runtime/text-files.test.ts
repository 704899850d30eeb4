import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../infra/config/load';
import { alerts } from '../alerts';
import { alertsSection } from '../alerts/settings';
import type { Processor } from './processor';
import { settingsOf } from './text-files';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-files-'));
const path = join(folder, 'triggers.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const config = (...sets: string[]) => loadConfiguration({ sections: [alertsSection], environment: {}, sets });
const of = (...sets: string[]) => settingsOf(alerts as unknown as Processor, config(...sets));

test('a task gets what is in a file, and the hash covers it', () => {
  writeFileSync(path, 'triggers: []');
  const first = of(`alerts.triggersFile=${path}`);
  expect(first.settings).toMatchObject({ triggersFile: 'triggers: []', quietMs: 60_000 });
  writeFileSync(path, 'builtIn: false');
  expect(of(`alerts.triggersFile=${path}`).configHash).not.toBe(first.configHash);
  writeFileSync(path, 'triggers: []');
  expect(of(`alerts.triggersFile=${path}`).configHash).toBe(first.configHash);
});

test('without a file the hash is that of the section', () => expect(of().configHash).toBe(config().hash(alertsSection)));

test('a file that cannot be read, or is not understood, ends the start', () => {
  expect(() => of(`alerts.triggersFile=${join(folder, 'none.yaml')}`)).toThrow(expect.objectContaining({ code: 'NW_CONFIG_UNREADABLE', message: expect.stringContaining('alerts.triggersFile') as string }));
  expect(() => alerts.create({ ...config().get(alertsSection), triggersFile: 'triggers: 7' }, undefined as never)).toThrow(expect.objectContaining({ code: 'NW_TRIGGER_INVALID' }));
});
