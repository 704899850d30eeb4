/** Where what is in the tables of `pulse`. Sums are in the order of the fields of the schema. */

/** Of hosts: received. Prefixes have these alone. */
export const PACKETS = 0, BYTES = 1, FLOWS = 2, SYN = 3, UDP = 4, ICMP = 5, REFLECTED_PACKETS = 6, REFLECTED_BYTES = 7, LONG_PACKETS = 8, LONG_BYTES = 9, LONG_SECONDS = 10;
export const PREFIX_SUMS = 11;
/** Of hosts: sampling; sent. */
export const VARIANCE = 11, OUT_PACKETS = 12, OUT_BYTES = 13, OUT_FLOWS = 14, ASKED = 15, OUT_LONG_PACKETS = 16, OUT_LONG_BYTES = 17, OUT_LONG_SECONDS = 18;
export const HOST_SUMS = 19;

/** Registers of each HyperLogLog, a byte each: 2^6. */
export const PRECISION = 6;
export const REGISTERS = 64;
/** Buckets of the packets by source, and services that amplify. */
export const BUCKETS = 16, SERVICES = 12;
/** Bytes of a host's sketches: three HyperLogLogs, then numbers of 32 bits. */
export const SOURCES_AT = 0, PORTS_AT = REGISTERS, PEERS_AT = 2 * REGISTERS, SPREAD_AT = 3 * REGISTERS, SERVICES_AT = SPREAD_AT + 4 * BUCKETS;
export const HOST_SKETCH = SERVICES_AT + 4 * SERVICES;
/** Bytes of the bitmap of a prefix. */
export const PREFIX_SKETCH = 32;
/** Bytes of a source's sketches: four HyperLogLogs. */
export const TRIED_AT = 0, MET_AT = REGISTERS, TRIED_PORTS_AT = 2 * REGISTERS, SAMPLED_AT = 3 * REGISTERS;
export const SOURCE_SKETCH = 4 * REGISTERS;
/** One in so many addresses is in the last of them. */
export const SAMPLED_ONE_IN = 64;

/** Flows longer than this count with what they had in a second, as the rest lies before; unit: milliseconds. */
export const LONG_MS = 1500;
