/**
 * Services over UDP that answer with far more than they are asked (CISA alert TA14-017A, "UDP-Based Amplification Attacks"), by port.
 * The order is part of the schema of traffic.pulses.
 */
export const REFLECTORS: readonly { readonly port: number; readonly name: string }[] = [
  { port: 53, name: 'DNS' },
  { port: 123, name: 'NTP' },
  { port: 389, name: 'CLDAP' },
  { port: 1900, name: 'SSDP' },
  { port: 11211, name: 'memcached' },
  { port: 19, name: 'CharGEN' },
  { port: 17, name: 'QOTD' },
  { port: 111, name: 'portmapper' },
  { port: 137, name: 'NetBIOS' },
  { port: 161, name: 'SNMP' },
  { port: 3702, name: 'WS-Discovery' },
  { port: 10001, name: 'Ubiquiti discovery' },
];

/** Place in {@link REFLECTORS} of each port, 255 where it is none of them. */
export const REFLECTOR_OF = new Uint8Array(65_536).fill(255);
REFLECTORS.forEach(({ port }, place) => (REFLECTOR_OF[port] = place));
