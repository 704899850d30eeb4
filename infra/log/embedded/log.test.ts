import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logContract } from '../contract';
import { EmbeddedLog } from './log';

const path = mkdtempSync(join(tmpdir(), 'netweaver-log-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

describe('the log, embedded', () => {
  logContract({
    open: async () => new EmbeddedLog({ path, maintainEveryMs: 0, tombstoneMs: 24 * 3_600_000, reserveBytes: 0 }),
    maintain: (log, nowMs) => (log as EmbeddedLog).maintain(nowMs),
  });
});
