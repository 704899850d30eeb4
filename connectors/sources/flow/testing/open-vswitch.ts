/** Open vSwitch with a datapath of its own in the process, for tests that want its exporters: no kernel module, no interface of the machine. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** True where its programs are installed and may be run. */
export const hasOpenVswitch = (): boolean => process.getuid?.() === 0 && ['ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl', 'ovs-appctl', 'ovsdb-tool'].every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);

/** A bridge `br0` with the ports p1 (ifIndex 1003) and p2 (1004). */
export class OpenVswitch {
  private readonly children: ChildProcess[] = [];

  private constructor(private readonly folder: string) {}

  /** Starts it; its sockets and database go into `folder`, which is made. */
  static async start(folder: string): Promise<OpenVswitch> {
    mkdirSync(folder);
    const made = new OpenVswitch(folder);
    made.run('ovsdb-tool', 'create', join(folder, 'conf.db'), '/usr/share/openvswitch/vswitch.ovsschema');
    made.spawn('ovsdb-server', `--remote=punix:${folder}/db.sock`, `--unixctl=${folder}/db.ctl`, join(folder, 'conf.db'));
    while (spawnSync('ovs-vsctl', [`--db=unix:${folder}/db.sock`, '--no-wait', '--timeout=1', 'init']).status !== 0) await pause(100);
    made.spawn('ovs-vswitchd', '--enable-dummy=override', '--disable-system', `--unixctl=${folder}/switch.ctl`, `unix:${folder}/db.sock`);
    const port = (name: string, ifIndex: number): string[] => ['--', 'add-port', 'br0', name, '--', 'set', 'interface', name, 'type=dummy', `options:ifindex=${ifIndex}`];
    made.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath-type=dummy', 'fail-mode=standalone', ...port('p1', 1003), ...port('p2', 1004));
    return made;
  }

  /** Configures it: the arguments of ovs-vsctl. */
  vsctl(...args: readonly string[]): void {
    this.run('ovs-vsctl', `--db=unix:${this.folder}/db.sock`, ...args);
  }

  /** Lets p1 receive a packet of `length` bytes, given as a flow of the datapath from `eth(…)` on. */
  receive(flow: string, length: number): void {
    this.appctl('netdev-dummy/receive', 'p1', `in_port(1),${flow}`, '--len', String(length));
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(
        (child) =>
          new Promise<void>((resolve) => {
            if (child.exitCode !== null || child.signalCode !== null) return resolve();
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      ),
    );
  }

  private appctl(...args: readonly string[]): void {
    this.run('ovs-appctl', '-t', `${this.folder}/switch.ctl`, ...args);
  }

  private run(program: string, ...args: readonly string[]): void {
    execFileSync(program, args, { timeout: 30_000, env: this.environment, stdio: 'ignore' });
  }

  private spawn(program: string, ...args: readonly string[]): void {
    this.children.push(spawn(program, args, { cwd: this.folder, env: this.environment, stdio: 'ignore' }));
  }

  private get environment(): NodeJS.ProcessEnv {
    const { folder } = this;
    return { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder, OVS_SYSCONFDIR: folder };
  }
}
