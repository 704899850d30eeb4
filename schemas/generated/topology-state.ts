// Made from topology/topology-state.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One element of the network as it is now. What no source has said is null. */
export interface TopologyState {
  /** What the element is: 'device', 'interface', 'link', 'group' (of risk), or a kind that a newer program knows; no unit. */
  element: string;
  /** Name of the element within its kind: the device; `<device>/<interface>`; the link; no unit. */
  id: string;
  /** When it became so, in milliseconds since the epoch. */
  time: number;
  /** Who says so: 'file', 'websocket', 'lldp', 'simulator' and its name, `<kind>:<name>`; no unit. */
  source: string;
  /** Whether it works; null where the source does not say. */
  up: boolean | null;
  /** Management address of a device, address of an interface; no unit. */
  address: string | null;
  /** Where a device is; no unit. */
  site: string | null;
  /** Of a device; unit: degrees north. */
  latitude: number | null;
  /** Of a device; unit: degrees east. */
  longitude: number | null;
  /** Number of an interface (RFC 2863 ifIndex); no unit. */
  ifIndex: number | null;
  /** Capacity of an interface, or of a link in each direction; unit: bits a second. */
  bitsPerSecond: number | null;
  /** Device at one end of a link; no unit. */
  a: string | null;
  /** Name of its interface; no unit. */
  aInterface: string | null;
  /** Device at the other end of a link; no unit. */
  b: string | null;
  /** Name of its interface; no unit. */
  bInterface: string | null;
  /** One way over a link as it is known without measuring: length or configuration; unit: milliseconds. */
  latencyMs: number | null;
  /** Configured cost of a link from a to b, as a routing protocol has it; no unit. */
  metric: number | null;
  /** The same from b to a; null: as from a to b; no unit. */
  metricBack: number | null;
  /** Shared-risk groups of a link (SRLG, RFC 4202), separated by commas; none: empty; no unit. */
  riskGroups: string;
  /** Prefixes that a device announces, `203.0.113.0/24`, separated by commas; none: empty; no unit. */
  prefixes: string;
  /** What else the source says, by its own names; no unit. */
  attributes: Record<string, string>;
}

/** The schema's text, as it is registered. */
export const TOPOLOGY_STATE_SCHEMA =
  '{"type":"record","name":"TopologyState","namespace":"netweaver.topology","doc":"One element of the network as it is now. What no source has said is null.","fields":[{"name":"element","type":"string","doc":"What the element is: \'device\', \'interface\', \'link\', \'group\' (of risk), or a kind that a newer program knows; no unit."},{"name":"id","type":"string","doc":"Name of the element within its kind: the device; `<device>/<interface>`; the link; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it became so, in milliseconds since the epoch."},{"name":"source","type":"string","doc":"Who says so: \'file\', \'websocket\', \'lldp\', \'simulator\' and its name, `<kind>:<name>`; no unit."},{"name":"up","type":["null","boolean"],"doc":"Whether it works; null where the source does not say.","default":null},{"name":"address","type":["null","string"],"doc":"Management address of a device, address of an interface; no unit.","default":null},{"name":"site","type":["null","string"],"doc":"Where a device is; no unit.","default":null},{"name":"latitude","type":["null","double"],"doc":"Of a device; unit: degrees north.","default":null},{"name":"longitude","type":["null","double"],"doc":"Of a device; unit: degrees east.","default":null},{"name":"ifIndex","type":["null","long"],"doc":"Number of an interface (RFC 2863 ifIndex); no unit.","default":null},{"name":"bitsPerSecond","type":["null","long"],"doc":"Capacity of an interface, or of a link in each direction; unit: bits a second.","default":null},{"name":"a","type":["null","string"],"doc":"Device at one end of a link; no unit.","default":null},{"name":"aInterface","type":["null","string"],"doc":"Name of its interface; no unit.","default":null},{"name":"b","type":["null","string"],"doc":"Device at the other end of a link; no unit.","default":null},{"name":"bInterface","type":["null","string"],"doc":"Name of its interface; no unit.","default":null},{"name":"latencyMs","type":["null","double"],"doc":"One way over a link as it is known without measuring: length or configuration; unit: milliseconds.","default":null},{"name":"metric","type":["null","double"],"doc":"Configured cost of a link from a to b, as a routing protocol has it; no unit.","default":null},{"name":"metricBack","type":["null","double"],"doc":"The same from b to a; null: as from a to b; no unit.","default":null},{"name":"riskGroups","type":"string","doc":"Shared-risk groups of a link (SRLG, RFC 4202), separated by commas; none: empty; no unit."},{"name":"prefixes","type":"string","doc":"Prefixes that a device announces, `203.0.113.0/24`, separated by commas; none: empty; no unit.","default":""},{"name":"attributes","type":{"type":"map","values":"string"},"doc":"What else the source says, by its own names; no unit."}]}';

function putTopologyState(value: TopologyState): void {
  writer.string(value.element);
  writer.string(value.id);
  writer.long(value.time);
  writer.string(value.source);
  writer.long(value.up === null ? 0 : 1);
  if (value.up !== null) writer.boolean(value.up);
  writer.long(value.address === null ? 0 : 1);
  if (value.address !== null) writer.string(value.address);
  writer.long(value.site === null ? 0 : 1);
  if (value.site !== null) writer.string(value.site);
  writer.long(value.latitude === null ? 0 : 1);
  if (value.latitude !== null) writer.double(value.latitude);
  writer.long(value.longitude === null ? 0 : 1);
  if (value.longitude !== null) writer.double(value.longitude);
  writer.long(value.ifIndex === null ? 0 : 1);
  if (value.ifIndex !== null) writer.long(value.ifIndex);
  writer.long(value.bitsPerSecond === null ? 0 : 1);
  if (value.bitsPerSecond !== null) writer.long(value.bitsPerSecond);
  writer.long(value.a === null ? 0 : 1);
  if (value.a !== null) writer.string(value.a);
  writer.long(value.aInterface === null ? 0 : 1);
  if (value.aInterface !== null) writer.string(value.aInterface);
  writer.long(value.b === null ? 0 : 1);
  if (value.b !== null) writer.string(value.b);
  writer.long(value.bInterface === null ? 0 : 1);
  if (value.bInterface !== null) writer.string(value.bInterface);
  writer.long(value.latencyMs === null ? 0 : 1);
  if (value.latencyMs !== null) writer.double(value.latencyMs);
  writer.long(value.metric === null ? 0 : 1);
  if (value.metric !== null) writer.double(value.metric);
  writer.long(value.metricBack === null ? 0 : 1);
  if (value.metricBack !== null) writer.double(value.metricBack);
  writer.string(value.riskGroups);
  writer.string(value.prefixes);
  writer.texts(value.attributes);
}

const takeTopologyState = (reader: AvroReader): TopologyState => ({
    element: reader.string(),
    id: reader.string(),
    time: reader.long(),
    source: reader.string(),
    up: reader.index(2) === 0 ? null : reader.boolean(),
    address: reader.index(2) === 0 ? null : reader.string(),
    site: reader.index(2) === 0 ? null : reader.string(),
    latitude: reader.index(2) === 0 ? null : reader.double(),
    longitude: reader.index(2) === 0 ? null : reader.double(),
    ifIndex: reader.index(2) === 0 ? null : reader.long(),
    bitsPerSecond: reader.index(2) === 0 ? null : reader.long(),
    a: reader.index(2) === 0 ? null : reader.string(),
    aInterface: reader.index(2) === 0 ? null : reader.string(),
    b: reader.index(2) === 0 ? null : reader.string(),
    bInterface: reader.index(2) === 0 ? null : reader.string(),
    latencyMs: reader.index(2) === 0 ? null : reader.double(),
    metric: reader.index(2) === 0 ? null : reader.double(),
    metricBack: reader.index(2) === 0 ? null : reader.double(),
    riskGroups: reader.string(),
    prefixes: reader.string(),
    attributes: reader.texts(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTopologyState(value: TopologyState, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTopologyState(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTopologyState(value: Uint8Array): TopologyState {
  objectReader.begin(value);
  const result = takeTopologyState(objectReader);
  objectReader.finish();
  return result;
}

/** TopologyState with its code, as a topic holds it. */
export const TOPOLOGY_STATE: RecordType<TopologyState> = { name: 'netweaver.topology.TopologyState', schema: TOPOLOGY_STATE_SCHEMA, encode: encodeTopologyState, decode: decodeTopologyState };
