import { networkInterfaces } from 'node:os';
import type { LoadedConfiguration } from '../../infra/config/load';
import { databaseSection } from '../../infra/database/settings';
import type { MetricValues } from '../hosting/messages';
import type { Supervisor } from '../hosting/supervisor';
import { sumOf, sumsBy } from './counters';
import { Leaders, type LeaderRows } from './leaders';
import { figureLines, helpLines, screen, type ViewData, type ViewFrame } from './render';

const TERMINAL_EVERY_MS = 1_000;
const PLAIN_EVERY_MS = 5_000;
const LEADERS_EVERY_MS = 3_000;

/** A running view. */
export interface View {
  stop(): Promise<void>;
}

/** What the view looks at. */
export interface ViewOptions {
  readonly config: LoadedConfiguration;
  readonly supervisor: Supervisor;
  readonly frame: Omit<ViewFrame, 'address'>;
}

/** Shows the figures until stopped: redrawn each second in a terminal, a block of plain lines every five elsewhere. */
export function startView({ config, supervisor, frame: given }: ViewOptions): View {
  const frame: ViewFrame = { ...given, address: reachableAddress() };
  const out = process.stdout;
  const terminal = out.isTTY === true;
  const leaders = new Leaders(config.get(databaseSection).url);
  const figures = new Figures(supervisor);
  let rows: LeaderRows = { talkers: [], interfaces: [], alerts: [], note: null };
  let asking: Promise<void> | undefined;
  let drawing: Promise<void> | undefined;

  const ask = (): void => {
    asking ??= leaders.ask().then((answer) => {
      rows = answer;
      asking = undefined;
    });
  };
  const draw = async (): Promise<void> => {
    const data: ViewData = { ...(await figures.next()), talkers: rows.talkers, interfaces: rows.interfaces, alerts: rows.alerts, databaseNote: rows.note };
    out.write(terminal ? screen(data, frame, out.columns ?? 80, out.rows ?? 24) : figureLines(data, frame).join('\n') + '\n\n');
  };
  const tick = (): void => {
    drawing ??= draw().finally(() => (drawing = undefined));
  };

  out.write(terminal ? '\x1b[2J\x1b[?25l' : helpLines(frame).join('\n') + '\n\n');
  ask();
  tick();
  const timers = [setInterval(ask, LEADERS_EVERY_MS), setInterval(tick, terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)];
  return {
    stop: async () => {
      timers.forEach(clearInterval);
      await Promise.all([asking, drawing]);
      await leaders.close();
      if (terminal) out.write('\x1b[?25h');
    },
  };
}

/** Turns counters into rates. */
class Figures {
  private readonly beganAt = performance.now();
  private last = { at: this.beganAt, datagrams: 0, flows: 0, rows: 0 };

  constructor(private readonly supervisor: Supervisor) {}

  async next(): Promise<Omit<ViewData, 'talkers' | 'interfaces' | 'alerts' | 'databaseNote'>> {
    const states = await this.supervisor.states();
    const metrics: MetricValues[] = [...states.values()].flatMap((state) => [...(state?.metrics ?? [])]);
    const at = performance.now();
    const totals = {
      at,
      datagrams: sumOf(metrics, 'netweaver_component_received_total', { kind: 'source', name: 'flow' }),
      flows: sumOf(metrics, 'netweaver_component_sent_total', { kind: 'source', name: 'flow' }),
      rows: sumOf(metrics, 'netweaver_component_sent_total', { kind: 'sink' }),
    };
    const seconds = Math.max(0.001, (at - this.last.at) / 1000);
    const rate = (name: 'datagrams' | 'flows' | 'rows'): number => Math.max(0, Math.round((totals[name] - this.last[name]) / seconds));
    const figures = {
      upSeconds: (at - this.beganAt) / 1000,
      readiness: this.supervisor.readinessOf(states),
      datagramsPerSecond: rate('datagrams'),
      flowsPerSecond: rate('flows'),
      rowsPerSecond: rate('rows'),
      lag: sumOf(metrics, 'netweaver_processor_lag') + sumOf(metrics, 'netweaver_sink_lag_records'),
      dropped: sumOf(metrics, 'netweaver_component_discarded_total', { kind: 'source' }) + sumOf(metrics, 'netweaver_collector_kernel_drops_total'),
      errors: sumsBy(metrics, 'netweaver_component_errors_total', 'code'),
    };
    this.last = totals;
    return figures;
  }
}

/** An address of this machine that others may reach; loopback where there is none. */
function reachableAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
