import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFolder, runningPid, startServer, stopServer } from './server';

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
const pidIs = (name: string, pid: number | undefined): void => {
  mkdirSync(runFolder(name), { recursive: true });
  writeFileSync(join(runFolder(name), 'pid'), String(pid));
};

describe('a server in the background', () => {
  test('is found by its process number, and gone when stop returns', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', runFolder('thing')], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    pidIs('thing', child.pid);
    expect(runningPid('thing')).toBe(child.pid);
    expect(await stopServer('thing')).toBe(true);
    await ended;
    expect(runningPid('thing')).toBeNull();
    expect(await stopServer('thing')).toBe(false);
  });

  test('a number that has passed to another program is left alone', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    pidIs('thing', stranger.pid);
    expect(runningPid('thing')).toBeNull();
    expect(await stopServer('thing')).toBe(false);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });

  test('a port that is taken is said before anything starts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startServer({ name: 'thing', port, javaArguments: [], timeoutMs: 1000, ready: async () => true })).rejects.toMatchObject({ code: 'NW_PORT_IN_USE' });
    other.close();
  });
});
