// Made from topology/link-state.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One link as the computation of paths sees it: topology, measurements and counters joined. */
export interface LinkState {
  /** Name of the link; no unit. */
  link: string;
  /** Latest of what it was joined from, in milliseconds since the epoch. */
  time: number;
  /** Device at one end; no unit. */
  a: string;
  /** Device at the other end; no unit. */
  b: string;
  /** Whether it works: the link itself, its two devices and its two interfaces. */
  up: boolean;
  /** Capacity in each direction; unit: bits a second. */
  bitsPerSecond: number | null;
  /** One way: half of the measured round trip, else as the topology says; unit: milliseconds. */
  latencyMs: number | null;
  /** Packets lost, 0 to 1; null where it is not measured; no unit. */
  lossRatio: number | null;
  /** Load over capacity from a to b, 0 to 1 and above; null where it is not known; no unit. */
  utilisationAhead: number | null;
  /** Cost from a to b by the cost rule; infinite where the link cannot be used; no unit. */
  costAhead: number;
  /** Load over capacity from b to a, 0 to 1 and above; null where it is not known; no unit. */
  utilisationBack: number | null;
  /** Cost from b to a by the cost rule; infinite where the link cannot be used; no unit. */
  costBack: number;
  /** Shared-risk groups (SRLG, RFC 4202), separated by commas; no unit. */
  riskGroups: string;
  /** What changed: 'topology', 'measurement', 'counters'; no unit. */
  reason: string;
}

/** The schema's text, as it is registered. */
export const LINK_STATE_SCHEMA =
  '{"type":"record","name":"LinkState","namespace":"netweaver.topology","doc":"One link as the computation of paths sees it: topology, measurements and counters joined.","fields":[{"name":"link","type":"string","doc":"Name of the link; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Latest of what it was joined from, in milliseconds since the epoch."},{"name":"a","type":"string","doc":"Device at one end; no unit."},{"name":"b","type":"string","doc":"Device at the other end; no unit."},{"name":"up","type":"boolean","doc":"Whether it works: the link itself, its two devices and its two interfaces."},{"name":"bitsPerSecond","type":["null","long"],"doc":"Capacity in each direction; unit: bits a second.","default":null},{"name":"latencyMs","type":["null","double"],"doc":"One way: half of the measured round trip, else as the topology says; unit: milliseconds.","default":null},{"name":"lossRatio","type":["null","double"],"doc":"Packets lost, 0 to 1; null where it is not measured; no unit.","default":null},{"name":"utilisationAhead","type":["null","double"],"doc":"Load over capacity from a to b, 0 to 1 and above; null where it is not known; no unit.","default":null},{"name":"costAhead","type":"double","doc":"Cost from a to b by the cost rule; infinite where the link cannot be used; no unit."},{"name":"utilisationBack","type":["null","double"],"doc":"Load over capacity from b to a, 0 to 1 and above; null where it is not known; no unit.","default":null},{"name":"costBack","type":"double","doc":"Cost from b to a by the cost rule; infinite where the link cannot be used; no unit."},{"name":"riskGroups","type":"string","doc":"Shared-risk groups (SRLG, RFC 4202), separated by commas; no unit."},{"name":"reason","type":"string","doc":"What changed: \'topology\', \'measurement\', \'counters\'; no unit."}]}';

function putLinkState(value: LinkState): void {
  writer.string(value.link);
  writer.long(value.time);
  writer.string(value.a);
  writer.string(value.b);
  writer.boolean(value.up);
  writer.long(value.bitsPerSecond === null ? 0 : 1);
  if (value.bitsPerSecond !== null) writer.long(value.bitsPerSecond);
  writer.long(value.latencyMs === null ? 0 : 1);
  if (value.latencyMs !== null) writer.double(value.latencyMs);
  writer.long(value.lossRatio === null ? 0 : 1);
  if (value.lossRatio !== null) writer.double(value.lossRatio);
  writer.long(value.utilisationAhead === null ? 0 : 1);
  if (value.utilisationAhead !== null) writer.double(value.utilisationAhead);
  writer.double(value.costAhead);
  writer.long(value.utilisationBack === null ? 0 : 1);
  if (value.utilisationBack !== null) writer.double(value.utilisationBack);
  writer.double(value.costBack);
  writer.string(value.riskGroups);
  writer.string(value.reason);
}

const takeLinkState = (reader: AvroReader): LinkState => ({
    link: reader.string(),
    time: reader.long(),
    a: reader.string(),
    b: reader.string(),
    up: reader.boolean(),
    bitsPerSecond: reader.index(2) === 0 ? null : reader.long(),
    latencyMs: reader.index(2) === 0 ? null : reader.double(),
    lossRatio: reader.index(2) === 0 ? null : reader.double(),
    utilisationAhead: reader.index(2) === 0 ? null : reader.double(),
    costAhead: reader.double(),
    utilisationBack: reader.index(2) === 0 ? null : reader.double(),
    costBack: reader.double(),
    riskGroups: reader.string(),
    reason: reader.string(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeLinkState(value: LinkState, schemaId: number): Buffer {
  writer.begin(schemaId);
  putLinkState(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeLinkState(value: Uint8Array): LinkState {
  objectReader.begin(value);
  const result = takeLinkState(objectReader);
  objectReader.finish();
  return result;
}

/** LinkState with its code, as a topic holds it. */
export const LINK_STATE: RecordType<LinkState> = { name: 'netweaver.topology.LinkState', schema: LINK_STATE_SCHEMA, encode: encodeLinkState, decode: decodeLinkState };
