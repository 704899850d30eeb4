/**
 * What the role `process` answers over HTTP: how its processors are, what their stores hold, and to pause them.
 *
 * An answer about a store is of one moment between two records: `positions` says of which. What it shows may not be committed yet;
 * it is after the next commit, or it is undone with its transaction. Reading changes nothing. Answers are bounded: at
 * most {@link MOST_ROWS} rows, and {@link MOST_LOOKED_AT} looked at, which takes some milliseconds of the processor's time.
 */
import type { Route, RouteRequest, RouteResponse } from '../../infra/role';
import type { Processor } from './processor';
import type { StoreView } from './state/view';

/** Rows in an answer where the request does not say how many, and at most. */
export const ROWS = 100;
export const MOST_ROWS = 1000;
/** Rows that one answer looks at. */
export const MOST_LOOKED_AT = 10_000;

/** A partition in hand, at this moment. */
export interface PartitionState {
  readonly partition: number;
  /** Offset of the next record of the input. */
  readonly next: number;
  /** Records of the input that are not yet processed, as last known. */
  readonly lag: number;
  /** Milliseconds since the epoch; null where there is none. */
  readonly streamTime: number | null;
  readonly entries: number;
  readonly bytes: number;
  readonly views: readonly StoreView[];
}

/** A processor that runs here, as the routes see it. */
export interface Inspected {
  readonly processor: Processor;
  /** `null` when it is at work, else why not. */
  readonly trouble: string | null;
  readonly paused: boolean;
  /** Views of a task that has no state. */
  readonly views: readonly StoreView[];
  /** Partitions in hand, in their order; none while their state is being restored. */
  partitions(): readonly PartitionState[];
  pause(): void;
  resume(): void;
}

const FORBIDDEN: RouteResponse = { status: 403, body: { error: 'this server is not on loopback, or processing.control forbids it' } };

/** The routes of the processors that run here; where `control` is false neither what stores hold is given out nor is a processor paused. */
export function processorRoutes(all: readonly Inspected[], control: boolean): Readonly<Record<string, Route>> {
  const routes: Record<string, Route> = { '/processors': () => ({ status: 200, body: { processors: all.map(describe) } }) };
  for (const one of all) {
    const path = `/processors/${one.processor.name}`;
    const set = (paused: boolean): Route => () => {
      if (!control) return FORBIDDEN;
      if (paused) one.pause();
      else one.resume();
      return { status: 200, body: describe(one) };
    };
    routes[path] = () => ({ status: 200, body: describe(one) });
    routes[`POST ${path}/pause`] = set(true);
    routes[`POST ${path}/resume`] = set(false);
    routes[`${path}/stores`] = () => ({ status: 200, body: { processor: one.processor.name, stores: one.views.map(describeStore) } });
    for (const { name } of one.views) routes[`${path}/stores/${name}`] = (request) => (control ? readStore(one, name, request) : FORBIDDEN);
  }
  return routes;
}

const time = (timeMs: number | null): string | null => (timeMs === null ? null : new Date(timeMs).toISOString());

function describe(one: Inspected): object {
  const { processor, paused, trouble, views } = one;
  return {
    name: processor.name,
    doc: processor.doc,
    delivery: processor.delivery,
    state: trouble ?? (paused ? 'paused' : 'running'),
    paused,
    input: processor.input.name,
    tables: (processor.tables ?? []).map(({ name }) => name),
    outputs: processor.outputs.map(({ name }) => name),
    partitions: one.partitions().map(({ partition, next, lag, streamTime, entries, bytes }) => ({ partition, next, lag, streamTime: time(streamTime), entries, bytes })),
    stores: views.map(({ name }) => name),
  };
}

const describeStore = ({ name, doc, key, columns }: StoreView): object => ({ name, doc, key, columns });

const refused = (error: string): RouteResponse => ({ status: 400, body: { error } });

/** The query takes `partition`, `key` (the parts of a key, with commas between), `limit`, and `after` (what `next` said). */
function readStore(one: Inspected, name: string, { query }: Pick<RouteRequest, 'query'>): RouteResponse {
  const view = one.views.find((of) => of.name === name)!;
  const limit = query.limit === undefined ? ROWS : wholeOf(query.limit);
  if (limit === null || limit < 1 || limit > MOST_ROWS) return refused(`limit is a whole number from 1 to ${MOST_ROWS}`);
  const only = query.partition === undefined ? undefined : wholeOf(query.partition);
  if (only === null) return refused('partition is a whole number');
  const after = query.after === undefined ? [0, 0] : placeOf(query.after);
  if (after === null) return refused('after is what next said in the answer before');
  if (one.trouble !== null) return { status: 503, body: { error: one.trouble } };
  const here = one.partitions().filter(({ partition }) => only === undefined || partition === only);
  if (only !== undefined && here.length === 0) return { status: 404, body: { error: `partition ${only} is not worked on here` } };
  const rows: object[] = [];
  const add = (partition: number, cells: readonly (readonly unknown[])[]): void => {
    for (const row of cells) rows.push({ partition, ...Object.fromEntries(view.columns.map((column, i) => [column.name, row[i]])) });
  };
  let next: string | null = null;
  if (query.key !== undefined) {
    const key = query.key.split(',');
    for (const { partition, views } of here) {
      const found = views.find((of) => of.name === name)!.find(key);
      if (found === null) return refused(`key is ${view.key.join(',')}`);
      add(partition, found.slice(0, limit - rows.length));
    }
  } else {
    let looked = 0;
    for (const { partition, views } of here) {
      if (partition < after[0]) continue;
      const answer = views.find((of) => of.name === name)!.read(partition === after[0] ? after[1] : 0, limit - rows.length, MOST_LOOKED_AT - looked);
      add(partition, answer.rows);
      looked += answer.looked;
      if (answer.next === null) continue;
      next = `${partition}-${answer.next}`;
      break;
    }
  }
  const positions = here.map(({ partition, next: offset, streamTime }) => ({ partition, next: offset, streamTime: time(streamTime) }));
  return { status: 200, body: { processor: one.processor.name, store: name, key: view.key, positions, rows, next } };
}

function placeOf(text: string): readonly [number, number] | null {
  const match = /^(\d{1,6})-(\d{1,15})$/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

const wholeOf = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);
