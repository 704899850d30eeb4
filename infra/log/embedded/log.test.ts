import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logContract } from '../contract';
import type { EmbeddedLog } from './log';
import { embeddedLog } from './testing/open';

const path = mkdtempSync(join(tmpdir(), 'netweaver-log-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

describe('the log, embedded', () => {
  logContract({
    open: async () => embeddedLog(path),
    maintain: (log, nowMs) => (log as EmbeddedLog).maintain(nowMs),
  });
});
