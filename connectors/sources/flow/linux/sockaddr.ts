/** Socket addresses as Linux writes them: `sockaddr_in` (16 bytes) and `sockaddr_in6` (28). */
import { networkInterfaces } from 'node:os';
import { formatIpRow, parseIpRow } from '../../../../schemas/ip';
import { AF_INET, AF_INET6 } from './libc';

/** Room for either. */
export const SOCKADDR = 28;
const SOCKADDR_IN = 16;

/** Writes the address of a local end; its length. `zone` gives the index of the interface that an address names after `%`. */
export function writeSockaddr(view: DataView, at: number, address: string, port: number, zone: (name: string) => number): number {
  for (let i = 0; i < SOCKADDR; i++) view.setUint8(at + i, 0);
  const six = address.includes(':');
  view.setUint16(at, six ? AF_INET6 : AF_INET, true);
  view.setUint16(at + 2, port);
  const row = new Uint8Array(16);
  const [text, name] = address.split('%');
  if (!parseIpRow(text, row)) throw new Error('EINVAL');
  if (!six) {
    for (let i = 0; i < 4; i++) view.setUint8(at + 4 + i, row[12 + i]);
    return SOCKADDR_IN;
  }
  for (let i = 0; i < 16; i++) view.setUint8(at + 8 + i, row[i]);
  if (name !== undefined) view.setUint32(at + 24, /^\d+$/.test(name) ? Number(name) : zone(name), true);
  return SOCKADDR;
}

/** Port of an address. */
export const portAt = (view: DataView, at: number): number => view.getUint16(at + 2);

/** Text of an address, as `dgram` writes it: IPv4-mapped as IPv4, link-local with its zone. */
export function addressAt(view: DataView, at: number): string {
  const row = new Uint8Array(16);
  if (view.getUint16(at, true) === AF_INET) {
    row[10] = row[11] = 255;
    for (let i = 0; i < 4; i++) row[12 + i] = view.getUint8(at + 4 + i);
    return formatIpRow(row);
  }
  for (let i = 0; i < 16; i++) row[i] = view.getUint8(at + 8 + i);
  const scope = view.getUint32(at + 24, true);
  return (formatIpRow(row) || '::') + (scope === 0 ? '' : `%${zoneName(scope)}`);
}

/** Name of the interface with an index; the index where it has no IPv6 address any more. */
function zoneName(index: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) if (addresses?.some((entry) => entry.family === 'IPv6' && entry.scopeid === index)) return name;
  return String(index);
}
