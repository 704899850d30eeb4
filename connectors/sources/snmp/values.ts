/** Values of SNMP as plain ones. */
import { isVarbindError, ObjectType, type Varbind } from 'net-snmp';

/** A number, bytes (octet strings), text (object identifiers, addresses), or null where the agent has none. */
export type SnmpValue = number | Buffer | string | null;

/** A counter of 64 bits modulo 2^53: its low bits, which are exact and differ by what the counter grew by, also where it wraps. */
function counter64(bytes: Buffer): number {
  let value = 0;
  for (const byte of bytes) value = (value % 2 ** 45) * 256 + byte;
  return value;
}

/** The value of a variable binding. */
export function fromVarbind(varbind: Varbind): SnmpValue {
  const { type, value } = varbind;
  if (isVarbindError(varbind) || value === null || value === undefined) return null;
  if (type === ObjectType.Counter64 && Buffer.isBuffer(value)) return counter64(value);
  if (typeof value === 'number' || typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return null;
}

/** The number, or null. A negative one (an agent that sends an unsigned number as a signed one) counts as none. */
export const numberOf = (value: SnmpValue | undefined): number | null => (typeof value === 'number' && value >= 0 ? value : null);

const MAX_TEXT = 255;

/** The text of an octet string (DisplayString, SnmpAdminString: UTF-8), without control characters; `''` for none. */
export function textOf(value: SnmpValue | undefined): string {
  if (value === null || value === undefined || typeof value === 'number') return '';
  const text = typeof value === 'string' ? value : value.toString('utf8');
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, MAX_TEXT);
}
