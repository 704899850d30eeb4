/** A real agent for tests: Debian's snmpd, on loopback, with a configuration and a state of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceSession } from '../session';

const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** True where snmpd is installed. */
export const HAS_SNMPD = spawnSync('snmpd', ['-v'], { env: { ...process.env, PATH } }).status === 0;

/** The community and the users that it knows; passwords are `authentication` and `encryption` with the user's name. */
export const COMMUNITY = 'a-community';
export const USERS = {
  plain: { auth: 'sha1', level: 'noauth' },
  signed: { auth: 'sha512', level: 'auth' },
  sha1aes128: { auth: 'sha1', privacy: 'aes128', level: 'priv' },
  sha256aes256: { auth: 'sha256', privacy: 'aes256', level: 'priv' },
  sha512aes128: { auth: 'sha512', privacy: 'aes128', level: 'priv' },
} as const;
const NAMES = { sha1: 'SHA', sha256: 'SHA-256', sha512: 'SHA-512', aes128: 'AES', aes256: 'AES-256' } as const;

/** An agent that runs. */
export interface Snmpd {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts it, with further lines of its configuration; resolves when it answers. */
export async function startSnmpd(port: number, further: readonly string[] = []): Promise<Snmpd> {
  const folder = mkdtempSync(join(tmpdir(), 'nw-snmpd-'));
  const lines = ['sysName a-real-agent', `rocommunity ${COMMUNITY} 127.0.0.1`, ...further];
  for (const [name, user] of Object.entries(USERS)) {
    const privacy = 'privacy' in user ? ` ${NAMES[user.privacy]} encryption-${name}` : '';
    lines.push(`createUser ${name} ${NAMES[user.auth]} authentication-${name}${privacy}`, `rouser ${name} ${user.level}`);
  }
  writeFileSync(join(folder, 'snmpd.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn('snmpd', ['-f', '-Lf', join(folder, 'log'), '-C', '-c', join(folder, 'snmpd.conf'), '-I', '-smux', '-p', join(folder, 'pid'), `udp:127.0.0.1:${port}`], {
    env: { ...process.env, PATH, MIBS: '', SNMP_PERSISTENT_DIR: folder },
    stdio: 'ignore',
  });
  await answering(child, port);
  return {
    port,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The test's own limit ends it otherwise. */
async function answering(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`snmpd ended with ${child.exitCode}`);
    const session = new DeviceSession({ address: '127.0.0.1', port, credentials: { community: COMMUNITY }, timeoutMs: 200, retries: 0, maxRepetitions: 1, maxRows: 1 });
    try {
      await session.get(['1.3.6.1.2.1.1.3.0']);
      return;
    } catch {
      await sleep(50);
    } finally {
      session.close();
    }
  }
}
