/**
 * Addresses of a simulated network. Behind device d: 172.16.0.0 + 64 d, a /26 (RFC 1918), and 2001:db8:1:(d + 1)::/64. Outside of it, which traffic
 * comes in from at any edge: 198.18.0.0/15 (RFC 2544) and 2001:db8:2::/48 (RFC 3849).
 */
import type { Host } from './network';

/** Hosts behind a device that talk. */
export const HOSTS = 32;
/** Addresses that a sweep over a device's network meets. */
export const ADDRESSES = 54;
/** Addresses outside. */
export const OUTSIDE = 131_072;
/** All networks behind devices. */
export const ALL_NETWORKS = { v4: '172.16.0.0/12', v6: '2001:db8:1::/48' } as const;

const FIRST_HOST = 10;
const INSIDE_V4 = ((172 << 24) | (16 << 16)) >>> 0;
const OUTSIDE_V4 = ((198 << 24) | (18 << 16)) >>> 0;
const MASK = 26;
const MASK_OUTSIDE = 15;
const INSIDE_AS = 64_512;
const OUTSIDE_AS = 64_500;

/** Host `number` (from 0) behind a device. */
export function placeBehind(host: Host, device: number, number: number): void {
  host.edge = device + 1;
  host.v4 = INSIDE_V4 + 64 * device + FIRST_HOST + number;
  host.maskV4 = MASK;
  host.as = INSIDE_AS;
  writeV6(host.v6, 1, device + 1, FIRST_HOST + number);
}

/** Address `number` (0 to {@link OUTSIDE} - 1) outside, which comes in at a device. */
export function placeOutside(host: Host, device: number, number: number): void {
  host.edge = device + 1;
  host.v4 = OUTSIDE_V4 + number;
  host.maskV4 = MASK_OUTSIDE;
  host.as = OUTSIDE_AS;
  writeV6(host.v6, 2, 1 + (number >>> 16), number & 0xffff);
}

function writeV6(v6: Uint8Array, third: number, fourth: number, last: number): void {
  v6.fill(0);
  v6[0] = 0x20;
  v6[1] = 0x01;
  v6[2] = 0x0d;
  v6[3] = 0xb8;
  v6[5] = third;
  v6[6] = fourth >>> 8;
  v6[7] = fourth & 255;
  v6[14] = last >>> 8;
  v6[15] = last & 255;
}

/** The host's address as text. */
export const addressText = (host: Host, ipv6: boolean): string =>
  ipv6 ? `2001:db8:${host.v6[5]}:${((host.v6[6] << 8) | host.v6[7]).toString(16)}::${((host.v6[14] << 8) | host.v6[15]).toString(16)}` : textOf(host.v4);

/** The network behind a device as text. */
export const networkText = (device: number, ipv6: boolean): string => (ipv6 ? `2001:db8:1:${(device + 1).toString(16)}::/64` : `${textOf(INSIDE_V4 + 64 * device)}/${MASK}`);

const textOf = (v4: number): string => [24, 16, 8, 0].map((shift) => (v4 >>> shift) & 255).join('.');
