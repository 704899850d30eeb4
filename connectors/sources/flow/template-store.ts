/**
 * Keeps what exporters taught over restarts: a file in the folder `templates` of `data.dir` for each worker, written some seconds after
 * something new was learnt, and read at the start, those of all workers: an exporter may come to another one then. Only exporters that
 * delivered flows are kept, so a flood of made-up ones leaves nothing there.
 *
 * The file is text: a line that names the format, a line for each observation domain (`domain/flow/template-snapshot.ts`), and
 * the SHA-256 of all before it. It is replaced as a whole. A damaged file is told and left; the collector then learns anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemplateCache } from '../../../domain/flow/template-cache';
import { restoreDomains, saveDomain } from '../../../domain/flow/template-snapshot';
import { NetWeaverError } from '../../../infra/errors';

const FORMAT = '{"format":"netweaver-templates","version":1}';
const SUFFIX = '.templates';
/** Domains written at a time; between them the collector takes datagrams. */
const SLICE = 200;
/** Something new is written this long after it was learnt, at the soonest; milliseconds. */
const DELAY_MS = 5000;
/** And not before this many times as long as the writing took. */
const REST = 20;
/** Connections of firewalls come and go all the time: they are written at the end, and this often for the case that there is none. */
const CONNECTIONS_MS = 60_000;

export class TemplateStore {
  private savedChanges = 0;
  private nextMs = -Infinity;
  private saving: Promise<void> | null = null;

  /** `name` tells workers apart. `onError` is given what could not be read or written; the collector goes on. */
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly cache: TemplateCache,
    private readonly onError: (error: NetWeaverError) => void,
  ) {}

  private get path(): string {
    return join(this.folder, this.name + SUFFIX);
  }

  /** Reads what is there into the cache; how many templates. */
  load(nowMs: number): number {
    const lines: string[] = [];
    try {
      mkdirSync(this.folder, { recursive: true });
      for (const file of readdirSync(this.folder).filter((file) => file.endsWith(SUFFIX)).sort()) lines.push(...this.read(join(this.folder, file)));
    } catch (error) {
      this.onError(new NetWeaverError('NW_TEMPLATES_UNREADABLE', `${this.folder}: ${(error as Error).message}`, { cause: error }));
    }
    let templates = 0;
    try {
      templates = restoreDomains(this.cache, lines, Math.floor(nowMs / 1000));
    } catch (error) {
      this.onError(new NetWeaverError('NW_TEMPLATES_UNREADABLE', `${this.folder}: ${(error as Error).message}`, { cause: error }));
    }
    this.savedChanges = this.cache.changes;
    return templates;
  }

  /** The domains' lines of a file; none where it is damaged. */
  private read(path: string): string[] {
    const text = readFileSync(path, 'utf8');
    const end = text.lastIndexOf('\n', text.length - 2) + 1;
    const body = text.slice(0, end);
    if (!body.startsWith(`${FORMAT}\n`) || text.slice(end) !== `${digest(body)}\n`) {
      this.onError(new NetWeaverError('NW_TEMPLATES_UNREADABLE', `${path}: its checksum or format is not that of this version.`));
      return [];
    }
    return body.split('\n').slice(1, -1);
  }

  /** Once a second: writes when something new was learnt and the last time is long enough ago. */
  tick(nowMs: number): void {
    const dueMs = this.cache.changes !== this.savedChanges ? this.nextMs : this.cache.firewall.isUsed ? this.nextMs + CONNECTIONS_MS : Infinity;
    if (this.saving || nowMs < dueMs) return;
    this.nextMs = nowMs + DELAY_MS;
    const begun = performance.now();
    void this.save().then(() => (this.nextMs = nowMs + Math.max(DELAY_MS, REST * (performance.now() - begun))));
  }

  /** Writes what is known now. Never fails: see the constructor. */
  save(): Promise<void> {
    return (this.saving ??= this.write().finally(() => (this.saving = null)));
  }

  /** Writes what is not yet written, at the end. */
  async close(): Promise<void> {
    await this.saving;
    if (this.cache.changes !== this.savedChanges || this.cache.firewall.isUsed) await this.save();
  }

  private async write(): Promise<void> {
    const { cache, path } = this;
    const { changes } = cache;
    const temporary = `${path}.new`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        const hash = createHash('sha256');
        const put = async (text: string): Promise<void> => {
          hash.update(text);
          await file.write(text);
        };
        await put(`${FORMAT}\n`);
        const domains = [...cache.lasting()];
        const connections = cache.firewall.open();
        for (let i = 0; i < domains.length; i += SLICE) {
          const lines = domains.slice(i, i + SLICE).filter(({ alive }) => alive).map((domain) => `${saveDomain(domain, connections.get(cache.firewall.numberOf(domain)))}\n`);
          await put(lines.join(''));
        }
        await file.write(`${hash.digest('hex')}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      this.savedChanges = changes;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      this.onError(new NetWeaverError('NW_TEMPLATES_UNWRITABLE', `${path}: ${(error as Error).message}`, { cause: error }));
    }
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
