import { EmbeddedLog } from '../log';
import type { EmbeddedOptions } from '../log';

/** An embedded log for tests: housekeeping when asked, no reserve on the disk. */
export const embeddedLog = (path: string, more: Partial<EmbeddedOptions> = {}): EmbeddedLog => new EmbeddedLog({ path, maintainEveryMs: 0, tombstoneMs: 24 * 3_600_000, reserveBytes: 0, ...more });
