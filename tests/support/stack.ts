import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';

/** The command as it was built: what a user runs. `NETWEAVER_DIST` names another folder than `dist`. */
export const NETWEAVER = resolve(process.env.NETWEAVER_DIST ?? join(__dirname, '../../dist'), 'bin/netweaver.js');

type Values = Record<string, Record<string, unknown>>;

/** A whole `netweaver all` in a folder of its own, on free ports, to be killed and started again. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'netweaver-stack-'));
  readonly configFile = join(this.folder, 'netweaver.yaml');
  private child: ChildProcess | undefined;

  private constructor(
    /** Ports that it listens on; `all` is HTTP, the others UDP. */
    readonly ports: { readonly all: number; readonly netflow: number; readonly ipfix: number; readonly sflow: number },
    extra: Values,
  ) {
    const values: Values = {
      data: { dir: join(this.folder, 'data') },
      http: { allPort: ports.all, collectPort: 0, processPort: 0, sinkPort: 0 },
      collector: { netflowPort: ports.netflow, ipfixPort: ports.ipfix, sflowPort: ports.sflow },
      // What these tests ask about; every further processor is one more member of a group that has to be brought together.
      processing: { processors: ['dedup', 'aggregate'] },
    };
    for (const [section, keys] of Object.entries(extra)) values[section] = { ...values[section], ...keys };
    writeFileSync(this.configFile, stringify(values));
  }

  /** Starts one; `extra` is laid over its configuration. */
  static async start(extra: Values = {}): Promise<Stack> {
    const [all, netflow, ipfix, sflow] = await Promise.all([freeTcpPort(), freeUdpPort(), freeUdpPort(), freeUdpPort()]);
    const stack = new Stack({ all, netflow, ipfix, sflow }, extra);
    await stack.run();
    return stack;
  }

  /** Where its HTTP answers. */
  get url(): string {
    return `http://127.0.0.1:${this.ports.all}`;
  }

  /** Runs the command; resolves when every role is ready. */
  async run(): Promise<void> {
    const log = createWriteStream(join(this.folder, 'output.log'), { flags: 'a' });
    await once(log, 'open');
    const child = spawn(process.execPath, [NETWEAVER, 'all', '--config', this.configFile], { stdio: ['ignore', log, log], detached: true });
    this.child = child;
    await until('every role is ready', async () => {
      if (child.exitCode !== null) throw new Error(`netweaver all ended with ${child.exitCode}:\n${this.output()}`);
      return (await fetch(`${this.url}/readyz`)).ok;
    }, () => this.output());
  }

  /** SIGKILL to the whole tree, as a power cut. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends it as a user would, and removes its folder. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends it as a service manager would and keeps its folder; the exit code. */
  async terminate(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** The end of what it printed. */
  output(): string {
    return readFileSync(join(this.folder, 'output.log'), 'utf8').slice(-4000);
  }

  /** Runs another command of NetWeaver against it; resolves to its standard output, rejects when it fails. */
  async command(...args: string[]): Promise<string> {
    return runCommand(process.execPath, [NETWEAVER, ...args, '--config', this.configFile]);
  }

  /** Starts another command and leaves it running. */
  background(...args: string[]): { readonly done: Promise<string>; readonly child: ChildProcess } {
    return start(process.execPath, [NETWEAVER, ...args, '--config', this.configFile]);
  }

  /** Rows of a query on its database. */
  async query<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
    const { url } = JSON.parse(readFileSync(join(this.folder, 'data/postgres/connection.json'), 'utf8')) as { url: string };
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Waits until `flow_records` holds at least `rows`, then a moment longer, so that a row too many shows as well. */
  async stored(rows: number): Promise<FlowTotals> {
    await until(`${rows} rows are stored`, async () => (await this.totals()).flows >= rows, () => this.output());
    await new Promise((later) => setTimeout(later, 1500));
    return this.totals();
  }

  /** Sums over `flow_records`: as exported, and scaled by the sampling rate. */
  async totals(): Promise<FlowTotals> {
    const [row] = await this.query<Record<keyof FlowTotals, string>>(
      `select count(*) as flows, coalesce(sum(packets), 0) as packets, coalesce(sum(bytes), 0) as bytes,
              coalesce(sum(packets * greatest(sampling_rate, 1)), 0) as "scaledPackets", coalesce(sum(bytes * greatest(sampling_rate, 1)), 0) as "scaledBytes" from flow_records`,
    );
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as unknown as FlowTotals;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    this.child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    // SIGKILL goes to the process group: roles in processes of their own and PostgreSQL die with it.
    if (signal === 'SIGKILL') process.kill(-child.pid, signal);
    else child.kill(signal);
    return (await ended)[0] as number | null;
  }
}

/** Sums over stored flows. */
export interface FlowTotals {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly scaledPackets: number;
  readonly scaledBytes: number;
}

/** Runs a program to its end; its standard output, or an error with what it said. */
export function runCommand(program: string, args: readonly string[]): Promise<string> {
  return start(program, args).done;
}

function start(program: string, args: readonly string[]): { readonly done: Promise<string>; readonly child: ChildProcess } {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const done = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${out.slice(-2000)}${err.slice(-2000)}`);
    return out;
  });
  return { done, child };
}

/** Asks again until it is so; a generous bound keeps a broken run from hanging. */
export async function until(what: string, isSo: () => Promise<boolean>, why: () => string = () => ''): Promise<void> {
  let last: unknown;
  for (let tries = 0; tries < 600; tries++) {
    try {
      if (await isSo()) return;
    } catch (error) {
      if (error instanceof Error && /ended with/.test(error.message)) throw error;
      last = error;
    }
    await new Promise((later) => setTimeout(later, 200));
  }
  throw new Error(`waited in vain until ${what}${last instanceof Error ? `: ${last.message}` : ''}\n${why()}`);
}

/** Below the ports that systems give to sockets without one, so that no other socket takes it in the meantime. */
const somePort = (): number => 12_000 + Math.floor(Math.random() * 20_000);

/** A UDP port that nobody holds now. */
export function freeUdpPort(): Promise<number> {
  return freePort((port) => createSocket('udp4').bind(port));
}

/** A TCP port that nobody holds now. */
export function freeTcpPort(): Promise<number> {
  return freePort((port) => createServer().listen(port, '127.0.0.1'));
}

async function freePort(hold: (port: number) => { on(event: string, listener: () => void): unknown; close(): unknown }): Promise<number> {
  for (;;) {
    const port = somePort();
    const holder = hold(port);
    const free = await new Promise<boolean>((resolve) => {
      holder.on('listening', () => resolve(true));
      holder.on('error', () => resolve(false));
    });
    holder.close();
    if (free) return port;
  }
}

/** A folder of real captures, datasets or rivals beside the project, where there is one. */
export const shared = (path: string): string => resolve(__dirname, '../../../shared', path);

/** `describe` where all these files are there, else a skipped one that says which are missing. */
export function describeWith(paths: readonly string[], name: string, body: () => void): void {
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (wants ${missing.map((path) => path.split('/').slice(-2).join('/')).join(', ')})`, body);
}
