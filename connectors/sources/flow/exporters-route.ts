/** `GET /collector/exporters`: what is known of each exporter's domains, for people and programs. */
import type { FlowDecoder } from '../../../domain/flow/decoder';
import { FAULT_CODES, type Stream } from '../../../domain/flow/streams';
import type { RouteRequest, RouteResponse } from '../../../infra/role';
import { lossRatio, protocolName, samplingOf } from './health';

const LIMIT = 1000;
const MOST = 10_000;
/** Samplers and interfaces shown of a domain. */
const RATES = 64;

/** Answers; the query takes `limit` (default 1000, at most 10000) and `exporter` (an address). Those seen last come first. */
export function exportersRoute(decoder: FlowDecoder, { query }: Pick<RouteRequest, 'query'>): RouteResponse {
  const limit = query.limit === undefined ? LIMIT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) return { status: 400, body: { error: `limit is a whole number from 1 to ${MOST}` } };
  const streams = [...decoder.streams].filter((stream) => query.exporter === undefined || stream.address === query.exporter);
  streams.sort((a, b) => b.lastMs - a.lastMs || (a.key < b.key ? -1 : 1));
  return { status: 200, body: { total: streams.length, exporters: streams.slice(0, limit).map(describe) } };
}

function describe(stream: Stream): object {
  const { sequence, domain } = stream;
  const { rate, origin } = samplingOf(stream);
  const { samplers = {}, interfaces = {} } = stream.rates?.entries(RATES) ?? {};
  return {
    exporter: stream.address,
    sender: stream.source.address,
    protocol: protocolName(stream),
    domain: stream.domainId,
    firstSeen: new Date(stream.firstMs).toISOString(),
    lastSeen: new Date(stream.lastMs).toISOString(),
    datagrams: stream.datagrams,
    bytes: stream.bytes,
    flows: stream.flows,
    lost: sequence.lost,
    lossUnit: sequence.unit.toLowerCase(),
    lossRatio: lossRatio(sequence.lost, sequence.received),
    reordered: sequence.reordered,
    duplicates: sequence.duplicates,
    restarts: sequence.restarts,
    samplesLost: stream.samplesLost,
    samplesDropped: stream.samplesDropped,
    sampling: { rate, origin, samplers, interfaces },
    templates: domain === null ? [] : [...domain.templates.values()].map(({ id, options, fields, sent, restored }) => ({ id, options, fields: fields.length, sent: new Date(sent * 1000).toISOString(), restored })),
    templatesChanged: stream.templatesChanged,
    waiting: stream.waiting?.length ?? 0,
    faults: Object.fromEntries(FAULT_CODES.map((code, i) => [code, stream.faultCount(i)] as const).filter(([, count]) => count > 0)),
  };
}
