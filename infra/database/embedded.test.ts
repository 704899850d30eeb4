import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded';

async function query<R extends Record<string, unknown>>(url: string, text: string): Promise<R[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const serverPid = (dataDir: string) => Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n', 1)[0]);
const untilGone = async (pid: number) => {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(50);
  }
};

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  beforeAll(() => (dataDir = mkdtempSync(join(tmpdir(), 'nw-pg-'))));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('keeps its data over a restart, with durable settings, on loopback, its password in files that only their owner reads', async () => {
    const first = await startEmbeddedPostgres(dataDir);
    await query(first.url, 'create table kept as select 42 as answer');
    expect(await query(first.url, `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses') order by 1`)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    expect([mode(join(dataDir, 'postgres/password')), mode(join(dataDir, 'postgres/connection.json')), mode(join(dataDir, 'postgres/cluster'))]).toEqual(['600', '600', '700']);
    await expect(query(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
    await first.stop();

    const second = await startEmbeddedPostgres(dataDir);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    expect(await findEmbeddedPostgres(dataDir)).toBeUndefined();
  });

  it('is found by its folder, and refuses to be started twice', async () => {
    const server = await startEmbeddedPostgres(dataDir);
    expect(await findEmbeddedPostgres(dataDir)).toEqual({ url: server.url, ours: true });
    await expect(startEmbeddedPostgres(dataDir)).rejects.toMatchObject({ code: 'NW_DATABASE_LOCKED' });
    await server.stop();
  });

  it('starts again by itself, at the same address, after a kill -9 of the server', async () => {
    const server = await startEmbeddedPostgres(dataDir);
    await query(server.url, 'create table survived as select 1 as one');
    process.kill(serverPid(dataDir), 'SIGKILL');
    let rows: unknown;
    while (rows === undefined) rows = await query(server.url, 'select one from survived').catch(() => sleep(100));
    expect(rows).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('ends after a kill -9 of the process that started it, and starts in another', async () => {
    const script = `
      const { startEmbeddedPostgres } = require('./infra/database/embedded.ts');
      startEmbeddedPostgres(process.argv[1]).then(() => console.log('up'), (error) => console.log(error));`;
    const owner = spawn(process.execPath, ['-r', './tests/typescript.cjs', '-e', script, dataDir], { cwd: join(__dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await new Promise<string>((resolve) => owner.stdout.once('data', (part: Buffer) => resolve(part.toString().trim())));
    expect(said).toBe('up');
    expect((await findEmbeddedPostgres(dataDir))?.ours).toBe(false);
    await expect(startEmbeddedPostgres(dataDir)).rejects.toMatchObject({ code: 'NW_DATABASE_LOCKED' });

    const pid = serverPid(dataDir);
    owner.kill('SIGKILL');
    const heir = await startEmbeddedPostgres(dataDir);
    await untilGone(pid);
    expect((await findEmbeddedPostgres(dataDir))?.ours).toBe(true);
    await heir.stop();
  });

  it('is not stopped by a lock file that a power cut left behind', async () => {
    writeFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), `999999\n${join(dataDir, 'postgres/cluster')}\n1\n1\n\n127.0.0.1\n  1 1\nready\n`);
    const server = await startEmbeddedPostgres(dataDir);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('runs in a folder that only its owner may enter, and in an open one', async () => {
    for (const mode of [0o700, 0o755]) {
      chmodSync(dataDir, mode);
      const server = await startEmbeddedPostgres(dataDir);
      expect(await query(server.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
      await server.stop();
    }
  });
});
