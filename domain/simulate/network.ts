/**
 * The simulated network: four edge routers with hosts behind them, two core routers between, and the routes of a packet
 * from host to host. Addresses are private (10/8), for benchmarks (198.18/15, RFC 2544) and for documentation (2001:db8::/32).
 *
 * Edge e (1 to 4) has access interfaces 1 to 4, each with a customer network 10.e.(16 i).0/20 and 2001:db8:e:i::/64, and
 * uplinks 101 and 102 to the cores; behind interfaces 3 and 4 of edge 4 are content networks in 198.18.0.0/15 instead. Core c (5 and 6) has
 * interface e towards edge e.
 */
import type { ExportedInterface } from './exporter';

/** Interfaces of an edge that customers are behind. */
export const ACCESS_INTERFACES = 4;
/** Numbers of the edge routers. */
export const EDGES: readonly number[] = [1, 2, 3, 4];
/** Numbers of the core routers. */
export const CORES: readonly number[] = [5, 6];
/** Hosts behind one access interface. */
export const HOSTS_PER_INTERFACE = 1000;
/** Lengths of the routes to a host's network, IPv4 and IPv6. */
export const MASK_V4 = 20;
export const MASK_V6 = 64;
/** Autonomous system of the content networks; customers of edge e are in 64512 + e (both private or for documentation, RFC 6996 and RFC 5398). */
export const CONTENT_AS = 64500;

/** A host: where it is and what it is called. Addresses by family. */
export interface Host {
  edge: number;
  /** Access interface that it is behind. */
  inIf: number;
  /** IPv4 address as a number. */
  v4: number;
  /** Length of the route to its IPv4 network. */
  maskV4: number;
  /** IPv6 address, 16 bytes. */
  readonly v6: Uint8Array;
  as: number;
}

/** An empty host, to be filled by {@link placeHost} over and over. */
export const newHost = (): Host => ({ edge: 0, inIf: 0, v4: 0, maskV4: MASK_V4, v6: new Uint8Array(16), as: 0 });

/** Puts host `number` (from 0) of an edge's access interface into `host`. */
export function placeHost(host: Host, edge: number, accessInterface: number, number: number): void {
  const content = edge === 4 && accessInterface > ACCESS_INTERFACES / 2;
  const index = 10 + (number % HOSTS_PER_INTERFACE);
  host.edge = edge;
  host.inIf = accessInterface;
  host.as = content ? CONTENT_AS : 64512 + edge;
  host.v4 = content
    ? ((198 << 24) | (18 << 16) | ((16 * accessInterface) << 8) | index) >>> 0
    : ((10 << 24) | (edge << 16) | ((16 * accessInterface) << 8) | index) >>> 0;
  host.v6.fill(0);
  host.v6.set([0x20, 0x01, 0x0d, 0xb8, 0, edge, 0, accessInterface]);
  host.v6[14] = index >>> 8;
  host.v6[15] = index & 255;
}

/** The core that traffic between two edges goes through; the same one in both directions. */
export const coreBetween = (one: number, other: number): number => CORES[(one + other) % CORES.length];

/** Uplink of an edge to a core. */
export const uplinkTo = (core: number): number => 96 + core;

/** Loopback address of a router, as a number: 10.255.0.r, the next hop of its neighbours' routes. */
export const routerAddress = (router: number): number => ((10 << 24) | (255 << 16) | router) >>> 0;

const interfaceName = (router: number, ifIndex: number): string =>
  router >= CORES[0] ? `et-0/0/${ifIndex}` : ifIndex > 100 ? `xe-1/0/${ifIndex - 101}` : `ge-0/0/${ifIndex}`;

const indexesOf = (router: number): number[] =>
  router >= CORES[0] ? [...EDGES] : [...Array.from({ length: ACCESS_INTERFACES }, (_, i) => i + 1), ...CORES.map(uplinkTo)];

const interfaceSpeed = (router: number, ifIndex: number): number => (router >= CORES[0] ? 100e9 : ifIndex > 100 ? 40e9 : 10e9);

/** The interfaces of a router, by name and speed. */
export const interfacesOf = (router: number): ExportedInterface[] =>
  indexesOf(router).map((ifIndex) => ({ ifIndex, name: interfaceName(router, ifIndex), speed: interfaceSpeed(router, ifIndex) }));
