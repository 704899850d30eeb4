/** Counters and states of interfaces for tests, from what a test cares about. */
import { encodeInterfaceCounters, encodeInterfaceState, type InterfaceCounters, type InterfaceState } from '../../../schemas';
import { HOUR } from './flows';

const COUNTERS: InterfaceCounters = {
  device: '192.0.2.1', ifIndex: 1, ifName: '', time: HOUR, speed: 0, adminUp: true, operUp: true,
  inOctets: null, inUnicastPackets: null, inMulticastPackets: null, inBroadcastPackets: null, inDiscards: null, inErrors: null,
  outOctets: null, outUnicastPackets: null, outMulticastPackets: null, outBroadcastPackets: null, outDiscards: null, outErrors: null,
  source: 'SNMP', uptimeSeconds: null, discontinuity: false, inUnknownProtocols: null, alignmentErrors: null, fcsErrors: null, symbolErrors: null, frameTooLongs: null,
  lateCollisions: null, excessiveCollisions: null, carrierSenseErrors: null, opticsCelsius: null, opticsReceivedMicrowatts: null, opticsSentMicrowatts: null,
};
const STATE: InterfaceState = { device: '192.0.2.1', ifIndex: 1, time: HOUR, source: 'SNMP', deviceName: '', name: '', alias: '', description: '', speed: null, adminUp: null, operUp: null };
const SCHEMA_ID = 1;

/** A value of interfaces.counters. */
export const countersValue = (counters: Partial<InterfaceCounters>): Buffer => encodeInterfaceCounters({ ...COUNTERS, ...counters }, SCHEMA_ID);

/** A value of interfaces.state. */
export const stateValue = (state: Partial<InterfaceState>): Buffer => encodeInterfaceState({ ...STATE, ...state }, SCHEMA_ID);

/** Key of both. */
export const interfaceKey = (ifIndex = 1, device = '192.0.2.1'): Buffer => Buffer.from(`${device}/${ifIndex}`);

/** A record of a partition. */
interface Record {
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

const INTERFACES = 3;
const POLL_MS = 60_000;
const POLLS = 12;
const deviceOf = (partition: number): string => `192.0.2.${1 + partition}`;

/** Readings of three interfaces of a device in each partition, every minute; the counters of the second have 32 bits, the third's are reset once; a record that is none. */
export function polls(partitions: number): Record[] {
  const records: Record[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const device = deviceOf(partition);
    for (let poll = 0; poll < POLLS; poll++) {
      const time = HOUR + poll * POLL_MS + partition;
      for (let ifIndex = 1; ifIndex <= INTERFACES; ifIndex++) {
        const grown = (ifIndex === 3 && poll >= 7 ? poll - 7 : poll) * ifIndex * 300_000_000;
        const inOctets = ifIndex === 2 ? (4_000_000_000 + grown) % 2 ** 32 : grown;
        const value = countersValue({ device, ifIndex, time, speed: 1e9, inOctets, outOctets: Math.floor(grown / 3), inUnicastPackets: poll * 40_000, outUnicastPackets: poll * 20_000, inErrors: poll * (ifIndex === 2 ? 60 : 1), discontinuity: ifIndex === 3 && poll === 7 });
        records.push({ partition, key: interfaceKey(ifIndex, device), value, timestampMs: time });
      }
    }
    records.push({ partition, key: interfaceKey(1, device), value: Buffer.from('no counters'), timestampMs: HOUR + 1 });
  }
  return records;
}

/** Names and speeds of those interfaces; in between one gets another speed, and one is gone. */
export function states(partitions: number): Record[] {
  const records: Record[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const device = deviceOf(partition);
    const at = (ifIndex: number, timestampMs: number, value: Buffer | null): void => void records.push({ partition, key: interfaceKey(ifIndex, device), value, timestampMs });
    at(1, HOUR, stateValue({ device, ifIndex: 1, name: 'xe-0/0/1', alias: 'uplink', speed: 1e10 }));
    at(2, HOUR, stateValue({ device, ifIndex: 2, name: 'xe-0/0/2', source: 'OPTIONS' }));
    at(1, HOUR + 5 * POLL_MS, stateValue({ device, ifIndex: 1, speed: 1e9 }));
    at(2, HOUR + 8 * POLL_MS, null);
  }
  return records;
}
