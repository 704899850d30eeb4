/** The detail of a flow (FlowDetail in schemas/flows/flow-batch.avsc) as columns of flow_records: from Avro to COPY without an object in between. */
import { NetWeaverError } from '../../../infra/errors';
import { TUNNEL_KIND_SYMBOLS } from '../../../schemas';
import { AvroReader } from '../../../schemas/avro';
import { IP_ROW } from '../../../schemas/ip';
import type { CopyBuffer } from './copy-buffer';

/** Columns in the order of the schema's fields, in which {@link appendDetail} writes them. */
export const DETAIL_COLUMNS = [
  'src_country', 'dst_country', 'src_site', 'dst_site', 'tunnel', 'tunnel_id', 'inner_src_addr', 'inner_dst_addr', 'inner_src_port', 'inner_dst_port', 'inner_proto', 'extra',
] as const;

const reader = new AvroReader();
const words = new Int32Array(4);
const row = new Uint8Array(words.buffer);
const TUNNELS = TUNNEL_KIND_SYMBOLS.map((symbol) => Buffer.from(symbol));

/** NULL for every column. */
export function appendNoDetail(out: CopyBuffer): void {
  for (let i = 0; i < DETAIL_COLUMNS.length; i++) out.null();
}

/** Appends the columns of the detail that lies in `source` from `at` to `end`; what is not known, or belongs to no inner packet, is NULL. @throws NW_SINK_VALUE_REFUSED */
export function appendDetail(out: CopyBuffer, source: Buffer, at: number, end: number): void {
  reader.within(source, at, end);
  for (let i = 0; i < 4; i++) text(out, source);
  const tunnel = reader.index(TUNNELS.length);
  if (tunnel === 0) out.null();
  else out.utf8(TUNNELS[tunnel], 0, TUNNELS[tunnel].length);
  const tunnelId = reader.long();
  if (tunnelId === 0) out.null();
  else out.bigint(tunnelId);
  const hasSource = address(out, source);
  const hasInner = address(out, source) || hasSource;
  for (let i = 0; i < 2; i++) {
    const port = reader.long();
    if (hasInner) out.integer(port);
    else out.null();
  }
  const proto = reader.long();
  if ((proto & ~0x7fff) !== 0) throw new NetWeaverError('NW_SINK_VALUE_REFUSED', `Inner protocol ${proto}.`);
  if (hasInner) out.smallint(proto);
  else out.null();
  extra(out);
}

function text(out: CopyBuffer, source: Buffer): void {
  const length = reader.long();
  const at = reader.position;
  reader.position = at + length;
  if (length === 0) out.null();
  else out.utf8(source, at, at + length);
}

/** True where there is one. */
function address(out: CopyBuffer, source: Buffer): boolean {
  const length = reader.long();
  const at = reader.position;
  reader.position = at + length;
  row.fill(0);
  if (length === 4) row[10] = row[11] = 255;
  row.set(source.subarray(at, at + length), IP_ROW - length);
  out.inet(words, 0);
  return length > 0;
}

function extra(out: CopyBuffer): void {
  const texts = Object.entries(reader.texts());
  if (texts.length === 0) out.null();
  // jsonb has no zero characters.
  else out.jsonb(JSON.stringify(Object.fromEntries(texts.map((entry) => entry.map((one) => one.replaceAll('\0', ''))))));
}
