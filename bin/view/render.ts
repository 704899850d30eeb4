import { titleOf, type Measured } from '../alerts-text';
import { short, table } from '../output';

/** Who sent most, over the last minute. */
export interface Talker {
  readonly source: string;
  readonly destination: string;
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
}

/** What went through an interface of an exporter, over the last minute. */
export interface InterfaceRate {
  readonly exporter: string;
  readonly interface: number;
  readonly inBitsPerSecond: number;
  readonly outBitsPerSecond: number;
}

/** An alert that is open. */
export interface OpenAlert extends Measured {
  readonly id: string;
  readonly severity: string;
}

/** Everything that the view shows at one moment. Rates are by second, over the time since the view before. */
export interface ViewData {
  readonly upSeconds: number;
  /** `null` when all roles are ready, else why not. */
  readonly readiness: string | null;
  readonly datagramsPerSecond: number;
  readonly flowsPerSecond: number;
  readonly rowsPerSecond: number;
  /** Records on the log that processors and sink have not done yet. */
  readonly lag: number;
  /** Datagrams that were lost or could not be used since the start. */
  readonly dropped: number;
  /** Errors since the start, by code, most first. */
  readonly errors: readonly (readonly [code: string, count: number])[];
  readonly talkers: readonly Talker[];
  readonly interfaces: readonly InterfaceRate[];
  /** The gravest first. */
  readonly alerts: readonly OpenAlert[];
  /** Why talkers, interfaces and alerts could not be asked for, where they could not. */
  readonly databaseNote: string | null;
}

/** What does not change while it runs. */
export interface ViewFrame {
  readonly url: string;
  readonly dataDir: string;
  readonly log: 'embedded' | 'kafka';
  readonly demo: boolean;
  readonly address: string;
  readonly netflowPort: number;
  readonly ipfixPort: number;
  readonly sflowPort: number;
}

const clock = (seconds: number): string => `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`;

/** How to feed it, ask it and stop it; no line is longer than 80 characters with usual addresses. */
export function helpLines({ address, netflowPort, ipfixPort, sflowPort, demo, url, dataDir }: ViewFrame): string[] {
  return [
    `Exporters  NetFlow v5/v9 to UDP ${netflowPort}, IPFIX to ${ipfixPort}, sFlow to ${sflowPort}`,
    `  Linux    softflowd -i eth0 -v 9 -n ${address}:${netflowPort}`,
    `  Cisco    flow exporter NW / destination ${address} / transport udp ${netflowPort}`,
    'Replay     bin/netweaver replay capture.pcap',
    'Ask        bin/netweaver query top --by src,dst --last 5m',
    `Watch      bin/netweaver tail alerts; ${url}/metrics`,
    `Stop       Ctrl-C; the data stays in ${dataDir}`,
    ...(demo ? ['Failures   bin/netweaver tail routes.changes: simulated links fail'] : []),
    ...(demo ? ['           without the simulated network: npm start -- --no-demo'] : []),
  ];
}

const MOST_ALERTS = 3;

/** Open alerts, a line each; how many more there are stands behind the last. None: no line. */
function alertLines(alerts: readonly OpenAlert[], most: number): string[] {
  const more = alerts.length > most ? `  and ${alerts.length - most} more` : '';
  return alerts.slice(0, most).map((alert, i) => `ALERT ${alert.severity}  ${titleOf(alert)}  ${alert.id}${i === most - 1 ? more : ''}`);
}

/** The figures as lines, for a terminal or for a plain log, with at most `most` talkers and as many interfaces, and so many alerts. */
export function figureLines(data: ViewData, frame: ViewFrame, most = 5, mostAlerts = MOST_ALERTS): string[] {
  const state = data.readiness === null ? 'ready' : `not ready: ${data.readiness}`;
  const errors = data.errors.length === 0 ? '0' : data.errors.slice(0, 3).map(([code, count]) => `${short(count)} ${code}`).join(', ');
  const lines = [
    `NetWeaver  ${clock(data.upSeconds)}  ${frame.log} log  ${state}${frame.demo ? '  fed by a simulated network' : ''}`,
    `flows/s ${short(data.flowsPerSecond)}  datagrams/s ${short(data.datagramsPerSecond)}  stored/s ${short(data.rowsPerSecond)}  lag ${short(data.lag)}  dropped ${short(data.dropped)}  errors ${errors}`,
    ...alertLines(data.alerts, mostAlerts),
    '',
    'Top talkers, last minute',
    ...indented(
      data.talkers.slice(0, most).map((t) => ({ source: t.source, destination: t.destination, 'bit/s': short(t.bitsPerSecond), 'packets/s': short(t.packetsPerSecond) })),
      data.databaseNote,
    ),
    '',
    'Interfaces, last minute',
    ...indented(
      data.interfaces.slice(0, most).map((i) => ({ exporter: i.exporter, interface: i.interface, 'in bit/s': short(i.inBitsPerSecond), 'out bit/s': short(i.outBitsPerSecond) })),
      data.databaseNote,
    ),
  ];
  return lines;
}

function indented(rows: readonly Record<string, unknown>[], note: string | null): string[] {
  if (rows.length === 0) return [`  ${note ?? 'nothing yet'}`];
  return table(rows, Object.keys(rows[0])).map((line) => `  ${line}`);
}

/** One screen: the figures, then the help, cut to the terminal. Starts at its top left corner and clears what it does not fill. */
export function screen(data: ViewData, frame: ViewFrame, columns: number, rows: number): string {
  const help = helpLines(frame);
  // What is left after the fixed lines, the alerts and the help is shared by talkers and interfaces.
  const alerts = Math.min(MOST_ALERTS, data.alerts.length, Math.max(1, rows - 13 - help.length));
  const most = Math.min(5, Math.max(1, Math.floor((rows - 11 - help.length - alerts) / 2)));
  const lines = [...figureLines(data, frame, most, alerts), '', ...help].slice(0, Math.max(1, rows - 1));
  return '\x1b[H' + lines.map((line) => line.slice(0, Math.max(1, columns)) + '\x1b[K\n').join('') + '\x1b[J';
}
