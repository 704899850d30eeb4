/** Export protocols by the word of {@link recognise}; the destination port goes by them. */
export type FlowProtocol = 'v5' | 'v9' | 'ipfix' | 'sflow';

/** Ports that flow exporters usually send to: there a version number alone is believed, so that broken datagrams are replayed too. */
const USUAL_PORTS: ReadonlySet<number> = new Set([2055, 2056, 4432, 4739, 6343, 9555, 9995, 9996]);

/**
 * Which flow protocol a datagram is, told by its content; `null` where it is none. A version number of two bytes is weak
 * evidence (a DNS query may begin with it), so away from the usual ports the header must agree with the length too:
 * NetFlow v5 in whole records of 48 bytes, v9 in its first FlowSet (RFC 3954), IPFIX in its length (RFC 7011), sFlow v5 in its address type.
 */
export function recognise(payload: Buffer, dstPort: number): FlowProtocol | null {
  const usual = USUAL_PORTS.has(dstPort);
  const { length } = payload;
  if (length < 4) return null;
  const version = payload.readUInt16BE(0);
  if (version === 0 && payload.readUInt16BE(2) === 5) return usual || (length >= 28 && (payload.readUInt32BE(4) === 1 || payload.readUInt32BE(4) === 2)) ? 'sflow' : null;
  if (version === 5) return usual || (length > 24 && (length - 24) % 48 === 0) ? 'v5' : null;
  if (version === 9) return usual || (length >= 20 && plausibleSet(payload, 20, 0)) ? 'v9' : null;
  if (version === 10) return usual || (length >= 16 && payload.readUInt16BE(2) === length && plausibleSet(payload, 16, 2)) ? 'ipfix' : null;
  return null;
}

/** The first set has an id that exists and a length that fits. */
function plausibleSet(payload: Buffer, at: number, templates: number): boolean {
  if (payload.length < at + 4) return false;
  const id = payload.readUInt16BE(at);
  const length = payload.readUInt16BE(at + 2);
  return (id >= 256 || id === templates || id === templates + 1) && length >= 4 && at + length <= payload.length;
}

/**
 * Stamps a header as if the exporter sent it at `nowMs`: the export time of v5, v9 and IPFIX in whole seconds. Flow times that count
 * from the exporter's start (all of v5, most of v9) move along; absolute ones (most of IPFIX) and sFlow, which has no clock, stay.
 * @returns a copy; the datagram itself is left as it is.
 */
export function stamp(payload: Buffer, protocol: FlowProtocol, nowMs: number): Buffer {
  if (protocol === 'sflow' || payload.length < 12) return payload;
  const stamped = Buffer.from(payload);
  stamped.writeUInt32BE(Math.floor(nowMs / 1000) >>> 0, protocol === 'ipfix' ? 4 : 8);
  return stamped;
}
