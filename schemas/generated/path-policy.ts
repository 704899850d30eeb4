// Made from topology/path-policy.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** What the paths of some pairs must keep to, and what links cost for them. */
export interface PathPolicy {
  /** Name of the policy: letters, digits, dots, dashes, underscores; no unit. */
  name: string;
  /** When it was written, in milliseconds since the epoch. */
  time: number;
  /** Of policies that apply to a pair, the one of the greatest number counts; of equal ones, the one whose name comes first; no unit. */
  priority: number;
  /** Devices where its pairs begin: names or patterns (`*` is any text, `?` any character), separated by commas; empty: all; no unit. */
  sources: string;
  /** Devices where they end, likewise; empty: all, where there are no prefixes either; no unit. */
  targets: string;
  /** Prefixes where they end, as they are announced, or patterns of them, separated by commas; no unit. */
  prefixes: string;
  /** Weight of latency in the cost: that of 100 ms. Null, as the other weights: links cost what links.state says; no unit. */
  latencyWeight: number | null;
  /** Weight of utilisation: that of full load; no unit. */
  utilisationWeight: number | null;
  /** Weight of loss: that of one per cent of packets; no unit. */
  lossWeight: number | null;
  /** Utilisation from which the cost by these weights is doubled, 0 to 1 and above; null: never; no unit. */
  busyFrom: number | null;
  /** Utilisation at which it is doubled no longer; no unit. */
  busyUntil: number | null;
  /** Latency of a link of which none is known; unit: milliseconds. */
  assumedLatencyMs: number;
  /** Devices that no path touches, patterns separated by commas; no unit. */
  avoidDevices: string;
  /** Links that no path uses, likewise; no unit. */
  avoidLinks: string;
  /** Shared-risk groups (SRLG, RFC 4202) of which no path uses a link, likewise; no unit. */
  avoidRiskGroups: string;
  /** Devices that every path passes, in any order, with others between them (loose): of each pattern one that matches; separated by commas; no unit. */
  includeDevices: string;
  /** Links that every path uses, likewise; no unit. */
  includeLinks: string;
  /** 'link': a backup path that shares no link with the path; 'risk-group': nor a shared-risk group (SRLG, RFC 4202); empty: none is kept; no unit. */
  disjoint: string;
  /** Most latency of a path, one way; unit: milliseconds. */
  maxLatencyMs: number | null;
  /** Least capacity of every link of a path; unit: bits a second. */
  minBitsPerSecond: number | null;
  /** How many paths by cost are told: the first is in force, the others are what else there is; no unit. */
  paths: number;
}

/** The schema's text, as it is registered. */
export const PATH_POLICY_SCHEMA =
  '{"type":"record","name":"PathPolicy","namespace":"netweaver.topology","doc":"What the paths of some pairs must keep to, and what links cost for them.","fields":[{"name":"name","type":"string","doc":"Name of the policy: letters, digits, dots, dashes, underscores; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written, in milliseconds since the epoch."},{"name":"priority","type":"int","doc":"Of policies that apply to a pair, the one of the greatest number counts; of equal ones, the one whose name comes first; no unit."},{"name":"sources","type":"string","doc":"Devices where its pairs begin: names or patterns (`*` is any text, `?` any character), separated by commas; empty: all; no unit."},{"name":"targets","type":"string","doc":"Devices where they end, likewise; empty: all, where there are no prefixes either; no unit."},{"name":"prefixes","type":"string","doc":"Prefixes where they end, as they are announced, or patterns of them, separated by commas; no unit."},{"name":"latencyWeight","type":["null","double"],"doc":"Weight of latency in the cost: that of 100 ms. Null, as the other weights: links cost what links.state says; no unit.","default":null},{"name":"utilisationWeight","type":["null","double"],"doc":"Weight of utilisation: that of full load; no unit.","default":null},{"name":"lossWeight","type":["null","double"],"doc":"Weight of loss: that of one per cent of packets; no unit.","default":null},{"name":"busyFrom","type":["null","double"],"doc":"Utilisation from which the cost by these weights is doubled, 0 to 1 and above; null: never; no unit.","default":null},{"name":"busyUntil","type":["null","double"],"doc":"Utilisation at which it is doubled no longer; no unit.","default":null},{"name":"assumedLatencyMs","type":"double","doc":"Latency of a link of which none is known; unit: milliseconds.","default":1},{"name":"avoidDevices","type":"string","doc":"Devices that no path touches, patterns separated by commas; no unit."},{"name":"avoidLinks","type":"string","doc":"Links that no path uses, likewise; no unit."},{"name":"avoidRiskGroups","type":"string","doc":"Shared-risk groups (SRLG, RFC 4202) of which no path uses a link, likewise; no unit."},{"name":"includeDevices","type":"string","doc":"Devices that every path passes, in any order, with others between them (loose): of each pattern one that matches; separated by commas; no unit."},{"name":"includeLinks","type":"string","doc":"Links that every path uses, likewise; no unit."},{"name":"disjoint","type":"string","doc":"\'link\': a backup path that shares no link with the path; \'risk-group\': nor a shared-risk group (SRLG, RFC 4202); empty: none is kept; no unit."},{"name":"maxLatencyMs","type":["null","double"],"doc":"Most latency of a path, one way; unit: milliseconds.","default":null},{"name":"minBitsPerSecond","type":["null","double"],"doc":"Least capacity of every link of a path; unit: bits a second.","default":null},{"name":"paths","type":"int","doc":"How many paths by cost are told: the first is in force, the others are what else there is; no unit.","default":1}]}';

function putPathPolicy(value: PathPolicy): void {
  writer.string(value.name);
  writer.long(value.time);
  writer.int(value.priority);
  writer.string(value.sources);
  writer.string(value.targets);
  writer.string(value.prefixes);
  writer.long(value.latencyWeight === null ? 0 : 1);
  if (value.latencyWeight !== null) writer.double(value.latencyWeight);
  writer.long(value.utilisationWeight === null ? 0 : 1);
  if (value.utilisationWeight !== null) writer.double(value.utilisationWeight);
  writer.long(value.lossWeight === null ? 0 : 1);
  if (value.lossWeight !== null) writer.double(value.lossWeight);
  writer.long(value.busyFrom === null ? 0 : 1);
  if (value.busyFrom !== null) writer.double(value.busyFrom);
  writer.long(value.busyUntil === null ? 0 : 1);
  if (value.busyUntil !== null) writer.double(value.busyUntil);
  writer.double(value.assumedLatencyMs);
  writer.string(value.avoidDevices);
  writer.string(value.avoidLinks);
  writer.string(value.avoidRiskGroups);
  writer.string(value.includeDevices);
  writer.string(value.includeLinks);
  writer.string(value.disjoint);
  writer.long(value.maxLatencyMs === null ? 0 : 1);
  if (value.maxLatencyMs !== null) writer.double(value.maxLatencyMs);
  writer.long(value.minBitsPerSecond === null ? 0 : 1);
  if (value.minBitsPerSecond !== null) writer.double(value.minBitsPerSecond);
  writer.int(value.paths);
}

const takePathPolicy = (reader: AvroReader): PathPolicy => ({
    name: reader.string(),
    time: reader.long(),
    priority: reader.int(),
    sources: reader.string(),
    targets: reader.string(),
    prefixes: reader.string(),
    latencyWeight: reader.index(2) === 0 ? null : reader.double(),
    utilisationWeight: reader.index(2) === 0 ? null : reader.double(),
    lossWeight: reader.index(2) === 0 ? null : reader.double(),
    busyFrom: reader.index(2) === 0 ? null : reader.double(),
    busyUntil: reader.index(2) === 0 ? null : reader.double(),
    assumedLatencyMs: reader.double(),
    avoidDevices: reader.string(),
    avoidLinks: reader.string(),
    avoidRiskGroups: reader.string(),
    includeDevices: reader.string(),
    includeLinks: reader.string(),
    disjoint: reader.string(),
    maxLatencyMs: reader.index(2) === 0 ? null : reader.double(),
    minBitsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    paths: reader.int(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodePathPolicy(value: PathPolicy, schemaId: number): Buffer {
  writer.begin(schemaId);
  putPathPolicy(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodePathPolicy(value: Uint8Array): PathPolicy {
  objectReader.begin(value);
  const result = takePathPolicy(objectReader);
  objectReader.finish();
  return result;
}

/** PathPolicy with its code, as a topic holds it. */
export const PATH_POLICY: RecordType<PathPolicy> = { name: 'netweaver.topology.PathPolicy', schema: PATH_POLICY_SCHEMA, encode: encodePathPolicy, decode: decodePathPolicy };
