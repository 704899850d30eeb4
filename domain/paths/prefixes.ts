/**
 * Prefixes as targets of paths: a prefix is a node of its own behind every device that announces it, at no cost, which nothing leaves. So the nearest
 * of several announcers is what the shortest path goes through (anycast, RFC 4786), and a prefix moves, holds and is cut off as a device is.
 */
import { parsePrefix, parseAddress, isWithin } from '../flow/prefix';
import { formatIpRow, formatIpv4, IP_ROW } from '../../schemas/ip';
import type { Network, NetworkLink } from './network';

/** Before the name of a node that is a prefix, and of the link to it: no device and no link begins so. */
const MARK = '\0';

/** A prefix as it is written everywhere: without bits behind its length, IPv6 as in RFC 5952. Null where the text is none. */
export function canonicalPrefix(text: string): string | null {
  let prefix;
  try {
    prefix = parsePrefix(text.trim());
  } catch {
    return null;
  }
  const bytes = prefix.bytes.map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 * (i + 1) - prefix.bits))));
  return `${textOf(bytes)}/${prefix.bits}`;
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return formatIpv4(bytes);
  const row = new Uint8Array(IP_ROW);
  row.set(bytes);
  return formatIpRow(row) || '::';
}

/** The prefixes of a list with commas, each once, in its order; and how many of its entries are none. */
export function prefixesOf(list: string): { readonly prefixes: readonly string[]; readonly malformed: number } {
  const read = list.split(',').filter((text) => text.trim() !== '').map(canonicalPrefix);
  const prefixes = read.filter((prefix): prefix is string => prefix !== null);
  return { prefixes: [...new Set(prefixes)], malformed: read.length - prefixes.length };
}

/** Of some prefixes the longest that holds an address, or all of a prefix; null where none does, or where the text is neither. */
export function longestMatch(text: string, prefixes: Iterable<string>): string | null {
  const wanted = text.includes('/') ? canonicalPrefix(text) : parseAddress(text) === null ? null : canonicalPrefix(text);
  if (wanted === null) return null;
  const { bytes, bits } = parsePrefix(wanted);
  let longest: string | null = null;
  let most = -1;
  for (const prefix of prefixes) {
    const one = parsePrefix(prefix);
    if (one.bits <= most || one.bits > bits || !isWithin(bytes, one)) continue;
    longest = prefix;
    most = one.bits;
  }
  return longest;
}

/** True for an address or a prefix. */
export const isPrefixText = (text: string): boolean => (text.includes('/') ? canonicalPrefix(text) !== null : parseAddress(text) !== null);

/** Name of the node that stands for a prefix. */
export const prefixNode = (prefix: string): string => MARK + prefix;

/** The prefix that a node stands for; null where it is a device. */
export const prefixOf = (node: string): string | null => (node.startsWith(MARK) ? node.slice(1) : null);

/** The link by which a device announces a prefix. */
export const announcement = (device: string, prefix: string, announced = true): NetworkLink => ({
  link: `${MARK}${device}${MARK}${prefix}`, a: device, b: prefixNode(prefix), costAhead: announced ? 0 : Infinity, costBack: Infinity,
});

/** True for the name of such a link. */
export const isAnnouncement = (link: string): boolean => link.startsWith(MARK);

/** Names of the devices that announce the prefix of a node now. */
export function announcersOf(network: Network, node: number): string[] {
  const names: string[] = [];
  network.links.forEach(({ link, a, b }, number) => {
    if (b === node && isAnnouncement(link) && network.cost[2 * number] < Infinity) names.push(network.devices[a]);
  });
  return names;
}
