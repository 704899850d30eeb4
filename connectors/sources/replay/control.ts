import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { NetWeaverError } from '../../../infra/errors';
import type { ValuesOf } from '../../../infra/config/section';
import type { Route, RouteRequest, RouteResponse } from '../../../infra/role';
import { startReplay, type ReplayProgress, type RunningReplay } from './replay';
import type { replaySection } from './settings';

/** Ended replays that are remembered. */
const MOST_REMEMBERED = 100;
const MOST_LOOPS = 1_000_000;
const MOST_RATE = 10_000_000;

/** Sums of the flow records in the database. */
export interface StoredTotals {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
}

/** A request to replay, as its JSON has it. */
interface ReplayRequest {
  readonly pcap: string;
  readonly speed: number;
  readonly rate?: number;
  readonly loops: number;
  readonly target: string;
  readonly acknowledge: boolean;
  readonly rewriteTime: boolean;
}

/**
 * Replays by HTTP: `POST /replays` starts one and answers 201 with its id, `GET /replays` and `GET /replays/ID` tell progress and
 * totals, `DELETE /replays/ID` stops it, `GET /totals` sums what the database holds. Only captures below `replay.folder`, only the
 * configured targets, and `replay.mostRunning` at once.
 */
export class ReplayControl {
  private readonly replays = new Map<string, { readonly request: ReplayRequest; readonly replay: RunningReplay }>();
  private next = 1;

  /** @param totals sums the database; absent where none is configured. */
  constructor(
    private readonly settings: ValuesOf<typeof replaySection>,
    private readonly totals?: () => Promise<StoredTotals>,
  ) {}

  /** Routes for the HTTP server, looked up at each request. */
  routes(): Record<string, Route> {
    const routes: Record<string, Route> = {
      'POST /replays': (request) => this.begin(request),
      '/replays': () => ({ status: 200, body: [...this.replays.keys()].map((id) => this.describe(id)) }),
    };
    if (this.totals !== undefined) routes['/totals'] = async () => ({ status: 200, body: await this.totals?.() });
    for (const [id, { replay }] of this.replays) {
      routes[`/replays/${id}`] = () => ({ status: 200, body: this.describe(id) });
      routes[`DELETE /replays/${id}`] = async () => {
        await replay.stop().catch(() => undefined);
        return { status: 200, body: this.describe(id) };
      };
    }
    return routes;
  }

  /** Stops all that run. */
  async close(): Promise<void> {
    await Promise.all([...this.replays.values()].map(({ replay }) => replay.stop().catch(() => undefined)));
  }

  private describe(id: string): { id: string } & ReplayProgress & { request: ReplayRequest } {
    const { request, replay } = this.replays.get(id) as { request: ReplayRequest; replay: RunningReplay };
    return { id, ...replay.progress(), request };
  }

  private async begin({ body }: RouteRequest): Promise<RouteResponse> {
    try {
      const request = parse(body, this.settings.target);
      const path = await this.captureOf(request.pcap);
      if (request.target !== this.settings.target && !this.settings.targets.includes(request.target)) throw refused(`the target ${request.target} is not allowed`);
      if ([...this.replays.values()].filter(({ replay }) => ['loading', 'running'].includes(replay.progress().state)).length >= this.settings.mostRunning) {
        return { status: 429, body: { error: `NW_REPLAY_REFUSED: ${this.settings.mostRunning} replays run already` } };
      }
      const { netflowPort, ipfixPort, sflowPort, acknowledgeUrl } = this.settings;
      const id = String(this.next++);
      const replay = startReplay({
        ...request,
        captures: [path],
        ports: { netflow: netflowPort, ipfix: ipfixPort, sflow: sflowPort },
        acknowledge: request.acknowledge ? { url: acknowledgeUrl } : undefined,
      });
      this.replays.set(id, { request, replay });
      this.forget();
      return { status: 201, body: this.describe(id) };
    } catch (error) {
      if (error instanceof NetWeaverError) return { status: 400, body: { error: `${error.code}: ${error.message}` } };
      throw error;
    }
  }

  /** The file, links followed, which must lie below the folder. */
  private async captureOf(name: string): Promise<string> {
    const { folder } = this.settings;
    if (folder === '') throw refused('replay.folder is not set');
    try {
      const root = await realpath(folder);
      const path = await realpath(resolve(root, name));
      if (path.startsWith(root + sep)) return path;
    } catch {
      // Told the same way: whether a file outside exists is nobody's business.
    }
    throw refused(`${JSON.stringify(name)} is no capture below the folder`);
  }

  private forget(): void {
    for (const [id, { replay }] of this.replays) {
      if (this.replays.size <= MOST_REMEMBERED) return;
      if (!['loading', 'running'].includes(replay.progress().state)) this.replays.delete(id);
    }
  }
}

const refused = (detail: string): NetWeaverError => new NetWeaverError('NW_REPLAY_REFUSED', detail);

function parse(body: string, target: string): ReplayRequest {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw refused('the body is not JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw refused('the body is not an object');
  const known = ['pcap', 'speed', 'rate', 'loops', 'target', 'acknowledge', 'rewriteTime'];
  for (const name of Object.keys(value)) if (!known.includes(name)) throw refused(`${name} is not known; known are ${known.join(', ')}`);
  const number = (name: string, usual: number, least: number, most: number): number => {
    const given = value[name] ?? usual;
    if (name === 'speed' && given === 'max') return Infinity;
    if (typeof given !== 'number' || !(given >= least && given <= most)) throw refused(`${name} must be a number from ${least} to ${most}${name === 'speed' ? ', or "max"' : ''}`);
    return given;
  };
  const flag = (name: string): boolean => {
    const given = value[name] ?? false;
    if (typeof given !== 'boolean') throw refused(`${name} must be true or false`);
    return given;
  };
  const text = (name: string, usual?: string): string => {
    const given = value[name] ?? usual;
    if (typeof given !== 'string' || given === '' || given.includes('\0')) throw refused(`${name} must be a text`);
    return given;
  };
  return {
    pcap: text('pcap'),
    speed: number('speed', 1, 0.001, 1e6),
    rate: value.rate === undefined ? undefined : number('rate', 1, 0.001, MOST_RATE),
    loops: Math.floor(number('loops', 1, 1, MOST_LOOPS)),
    target: text('target', target),
    acknowledge: flag('acknowledge'),
    rewriteTime: flag('rewriteTime'),
  };
}
