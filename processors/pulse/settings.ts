import { flag, list, map, section, whole, type ValuesOf } from '../../infra/config/section';

const packets = (doc: string, otherwise: number) => whole({ doc: `${doc}; 0: no limit; unit: packets/s.`, default: otherwise, min: 0, max: 1_000_000_000_000 });
const bits = (doc: string, otherwise: number) => whole({ doc: `${doc}; 0: no limit; unit: bits/s.`, default: otherwise, min: 0, max: 1_000_000_000_000_000 });

/** Keys of `detection`: of `pulse`, which picks what is worth a look, and of `detect`, which looks. */
export const detectionSection = section('detection', 'Floods and scans, found within about a second.', {
  networks: list({ doc: 'Prefixes that are protected: only their addresses are looked at as victims and as senders of floods; scans are found from anywhere. Empty: every address.', default: [] }),
  packetsPerSecond: packets('What a host may receive, or send', 20_000),
  bitsPerSecond: bits('What a host may receive, or send', 1_000_000_000),
  packetsPerSecondOf: map({ doc: 'The same for hosts of these prefixes; the longest counts.', default: {}, of: packets('Limit', 20_000), name: 'prefixes' }),
  bitsPerSecondOf: map({ doc: 'The same for hosts of these prefixes; the longest counts.', default: {}, of: bits('Limit', 1_000_000_000), name: 'prefixes' }),
  carpetPacketsPerSecond: packets('What all hosts of a prefix together may receive that are not near a limit of their own, where it is also three times what is usual', 20_000),
  carpetBitsPerSecond: bits('What all hosts of a prefix together may receive that are not near a limit of their own, where it is also three times what is usual', 1_000_000_000),
  burstMs: whole({ doc: 'Honest bursts beyond a limit may last so long. What looks like an attack is told at once, what is only much when it has lasted longer (and two seconds more, for the window and for what exporters hold back); unit: milliseconds.', default: 3000, min: 0, max: 600_000 }),
  baseline: flag({ doc: 'Whether hosts are also told of that receive far more than they usually do, and at least half their limit.', default: true }),
  superSpreaderPeers: whole({ doc: 'Different addresses that a source may send to within five to ten minutes; 0: no limit.', default: 20_000, min: 0, max: 1_000_000_000 }),
  slotMs: whole({ doc: 'How often what is worth a look goes to the detectors; a divisor of 1000; unit: milliseconds of the time of receipt.', default: 100, min: 20, max: 500 }),
  floorPercent: whole({ doc: 'Part of its limit from which a host or a prefix is worth a look, by what one partition of flows holds of it; unit: percent.', default: 2, min: 0, max: 100 }),
  ipv4Prefix: whole({ doc: 'Length of the prefixes that are watched as wholes; unit: bits.', default: 24, min: 8, max: 32 }),
  ipv6Prefix: whole({ doc: 'Length of the prefixes that are watched as wholes; unit: bits.', default: 48, min: 8, max: 128 }),
  goesOnMs: whole({ doc: 'How often it is told that an anomaly goes on; unit: milliseconds.', default: 10_000, min: 1000, max: 3_600_000 }),
  overMs: whole({ doc: 'An anomaly is over when its subject has been below half the limit for so long; unit: milliseconds.', default: 10_000, min: 1000, max: 3_600_000 }),
  maxHosts: whole({ doc: 'Hosts that are added up in a slot of a partition, 200 bytes each; those beyond are counted and left out.', default: 200_000, min: 1000, max: 4_000_000 }),
  maxSketches: whole({ doc: 'Hosts of a slot and partition that get sketches, 320 bytes each: the first above the floor.', default: 4096, min: 16, max: 1_000_000 }),
  maxSources: whole({ doc: 'Sources of a partition that are remembered as they ask in vain, 320 bytes each, for a minute; where there are more, all are forgotten, and counted.', default: 65_536, min: 256, max: 4_000_000 }),
  maxSubjects: whole({ doc: 'Hosts that the detectors follow, 2 KiB each, as many prefixes, 1 KiB each, and as many sources, 400 bytes each; beyond, those not seen for longest go. Twice as many may be held.', default: 20_000, min: 1000, max: 4_000_000 }),
});

export type DetectionSettings = ValuesOf<typeof detectionSection>;

/** A limit; Infinity where there is none. */
export const limitOf = (value: number): number => (value === 0 ? Infinity : value);
