/** What several sources say of one element, and what follows from it. */
import { byCodeUnits } from '../../domain/topology/elements';
import { decodeTopologyState, encodeTopologyState, type TopologyState } from '../../schemas';

/** What one source says of an element. Its time is that since which the source says so. */
export interface Statement {
  readonly said: TopologyState;
  /** When the source named the element last, milliseconds since the epoch. */
  readonly namedMs: number;
  /** The source told how the element does without ever having named it: it does not make it be there. */
  readonly bare: boolean;
}

/** Length of what follows, time, bare or not. */
const HEAD = 4 + 8 + 1;

/** Statements as bytes. */
export function packed(statements: readonly Statement[]): Buffer {
  return Buffer.concat(statements.map(({ said, namedMs, bare }) => {
    const value = encodeTopologyState(said, 0);
    const head = Buffer.alloc(HEAD);
    head.writeUInt32LE(value.length, 0);
    head.writeDoubleLE(namedMs, 4);
    head[12] = bare ? 1 : 0;
    return Buffer.concat([head, value]);
  }));
}

/** Statements from bytes. */
export function unpacked(bytes: Buffer | null): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; bytes !== null && at < bytes.length; ) {
    const from = at + HEAD;
    const end = from + bytes.readUInt32LE(at);
    // The decoder may keep views of what it reads; the store's bytes are its own.
    statements.push({ said: decodeTopologyState(Buffer.from(bytes.subarray(from, end))), namedMs: bytes.readDoubleLE(at + 4), bare: bytes[at + 12] === 1 });
    at = end;
  }
  return statements;
}

const PLAIN = ['up', 'address', 'site', 'ifIndex', 'bitsPerSecond', 'latencyMs'] as const;

/**
 * The element by all statements: of every field what was said last, but what belongs together from one source: the ends of a link,
 * its metrics (turned where that source tells the ends the other way round), a place. Null where no source names it.
 */
export function merged(statements: readonly Statement[]): TopologyState | null {
  if (statements.every(({ bare }) => bare)) return null;
  const all = statements.map(({ said }) => said).sort((one, other) => other.time - one.time || byCodeUnits(one.source, other.source));
  const [newest] = all;
  const ends = all.find(({ a, b }) => a !== null && b !== null) ?? newest;
  const place = all.find(({ latitude, longitude }) => latitude !== null && longitude !== null);
  const metrics = all.find(({ metric, metricBack }) => metric !== null || metricBack !== null);
  const turned = metrics !== undefined && metrics.a === ends.b && metrics.a !== ends.a;
  const plain = Object.fromEntries(PLAIN.map((name) => [name, all.find((said) => said[name] !== null)?.[name] ?? null])) as Pick<TopologyState, (typeof PLAIN)[number]>;
  return {
    element: newest.element, id: newest.id, time: newest.time, source: newest.source, ...plain,
    latitude: place?.latitude ?? null, longitude: place?.longitude ?? null,
    a: ends.a, aInterface: ends.aInterface, b: ends.b, bInterface: ends.bInterface,
    metric: (turned ? (metrics.metricBack ?? metrics.metric) : metrics?.metric) ?? null,
    metricBack: (turned ? (metrics.metricBack === null ? null : metrics.metric) : metrics?.metricBack) ?? null,
    riskGroups: all.find(({ riskGroups }) => riskGroups !== '')?.riskGroups ?? '',
    prefixes: all.find(({ prefixes }) => prefixes !== '')?.prefixes ?? '',
    attributes: Object.assign({}, ...all.map(({ attributes }) => attributes).reverse()) as Record<string, string>,
  };
}
